import type { EngageKillSwitch, KillSwitch } from '#client/browser';
import type { Tone } from '../page/tone.rules.js';

type Scope = KillSwitch['scope'];

/** What a switch is about; `name` was written by others. */
export interface Target {
  words: string;
  name: string | null;
}

type Aimed = Pick<KillSwitch, 'scope' | 'agent_id' | 'tool'>;

export const targetOf = ({ scope, agent_id, tool }: Aimed): Target => {
  switch (scope) {
    case 'all':
      return { words: 'every team', name: null };
    case 'team':
      return { words: 'this team', name: null };
    case 'agent':
      return { words: 'the agent', name: agent_id ?? '' };
    case 'tool':
      return { words: 'the tool', name: tool ?? '' };
  }
};

/** `the agent tidy` */
export const targetText = (aimed: Aimed): string => {
  const { words, name } = targetOf(aimed);
  return name === null ? words : `${words} ${name}`;
};

interface Standing {
  word: string;
  tone: Tone;
  meaning: string;
}

type Stood = Pick<KillSwitch, 'status' | 'rehearsal' | 'confirmed_at'>;

/** How far a stop, or its release, has come. */
export const standingOf = ({ status, rehearsal, confirmed_at }: Stood): Standing => {
  if (rehearsal) {
    return confirmed_at
      ? { word: 'rehearsed', tone: 'neutral', meaning: 'It counted what would have been stopped, and stopped nothing.' }
      : { word: 'counting', tone: 'info', meaning: 'It counts what would be stopped, and stops nothing.' };
  }
  switch (status) {
    case 'engaged':
      return confirmed_at
        ? { word: 'stopped', tone: 'critical', meaning: 'Nothing of it begins, and nothing of it is left running.' }
        : { word: 'stopping', tone: 'critical', meaning: 'Nothing of it begins; what had begun comes to its end.' };
    case 'releasing':
      return { word: 'being released', tone: 'medium', meaning: 'Runs are let in again by stages.' };
    case 'released':
      return { word: 'released', tone: 'neutral', meaning: 'Everything is let in again.' };
  }
};

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** `2 runs and 1 approval`; null: nothing. */
export const leftText = ({ executions, approvals }: KillSwitch['stopping']): string | null => {
  const parts = [
    ...(executions > 0 ? [count(executions, 'run')] : []),
    ...(approvals > 0 ? [count(approvals, 'approval')] : []),
  ];
  return parts.length === 0 ? null : parts.join(' and ');
};

/** `10 %` */
export const shareText = (share: number): string => `${Math.round(share * 100)} %`;

/** What everybody should know of a stop that is not confirmed, or no longer whole; null: it is simply in force. */
export const progressText = (
  one: Stood & Pick<KillSwitch, 'stopping' | 'executors' | 'admitted_share'>,
): string | null => {
  if (one.status === 'releasing') return `${shareText(one.admitted_share)} of its runs are let in`;
  if (one.confirmed_at) return null;
  const left = leftText(one.stopping);
  if (left) return `${left} still stopping`;
  if (one.executors.alive === 0) return 'no executor answers, so nobody can confirm it';
  return 'being confirmed';
};

const REACH: Record<Scope, number> = { all: 0, team: 1, agent: 2, tool: 3 };

/** What is stopped now, and then what is being released, the most far-reaching first: rehearsals stop nothing. */
export const inForce = <S extends Pick<KillSwitch, 'scope' | 'status' | 'rehearsal'>>(switches: readonly S[]): S[] =>
  switches
    .filter(({ rehearsal, status }) => !rehearsal && status !== 'released')
    .toSorted((a, b) => a.status.localeCompare(b.status) || REACH[a.scope] - REACH[b.scope]);

const COUNTING_MS = 1_000;
const RELEASING_MS = 3_000;

/**
 * How often to look at what no hint tells: how much is still stopping, and the stages of a release. False: hints are
 * enough.
 */
export const paceMs = (switches: readonly Stood[]): number | false => {
  if (switches.some(({ status, confirmed_at }) => status === 'engaged' && !confirmed_at)) return COUNTING_MS;
  return switches.some(({ status }) => status === 'releasing') && RELEASING_MS;
};

export interface StopDraft extends Record<string, unknown> {
  scope: Scope;
  agent_id: string;
  tool: string;
  reason: string;
  /** Counts what would be stopped, and stops nothing. */
  rehearsal: boolean;
}

/** A form of the tool's name as the API takes it: `shell.run`, `shell.run@v1`. */
const TOOL = /^[a-z][a-z0-9_.-]{0,79}(@v[1-9]\d{0,8})?$/;

/** Spaces, and characters without a shape: a reason made of them says nothing. */
const UNSEEN = /[\s\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** By field: what is wrong with a draft before it is sent. */
export const problemsOf = ({ scope, agent_id, tool, reason }: StopDraft): Partial<Record<string, string>> => ({
  ...(scope === 'agent' && agent_id.trim() === '' && { agent_id: 'Name the agent.' }),
  ...(scope === 'tool' &&
    !TOOL.test(tool.trim()) && {
      tool:
        tool.trim() === '' ? 'Name the tool.' : 'A tool is written like shell.run, or shell.run@v1 for one version.',
    }),
  ...(reason.replace(UNSEEN, '') === '' && { reason: 'Say why: whoever is refused reads it.' }),
});

/** A draft as it is sent. */
export const requestOf = ({ scope, agent_id, tool, reason, rehearsal }: StopDraft): EngageKillSwitch => ({
  scope,
  reason: reason.trim(),
  ...(scope === 'agent' && { agent_id: agent_id.trim() }),
  ...(scope === 'tool' && { tool: tool.trim() }),
  ...(rehearsal && { rehearsal }),
});

/**
 * What a draft should make one look twice at, where something is known to compare with: nobody has seen a target of that
 * name. Null: nothing.
 */
export const unknownTarget = (
  { scope, agent_id, tool }: Pick<StopDraft, 'scope' | 'agent_id' | 'tool'>,
  known: { agents: readonly string[]; tools: readonly string[] },
): string | null => {
  if (scope === 'agent' && known.agents.length > 0 && !known.agents.includes(agent_id.trim())) {
    return 'None of the newest runs is of an agent of that name. It may be misspelt; it is stopped all the same.';
  }
  if (scope === 'tool' && known.tools.length > 0 && !known.tools.includes(tool.trim())) {
    return 'None of the newest playbooks and approvals uses a tool of that name. It may be misspelt; it is stopped all the same.';
  }
  return null;
};

/** Tools to choose from: each by its name for all versions, and by version. */
export const toolChoices = (tools: readonly string[]): string[] =>
  [...new Set(tools.flatMap((tool) => [tool.replace(/@v\d+$/, ''), tool]))].sort();

/** Why somebody who may release switches may not release this one; null: they may. */
export const cannotRelease = ({ scope }: Pick<KillSwitch, 'scope'>, roles: readonly string[]): string | null =>
  scope === 'all' && !roles.includes('installation_admin')
    ? 'It stops every team: an installation admin releases it.'
    : null;
