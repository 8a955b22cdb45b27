import { governance, invalidInput, type Role } from '#contracts';
import { scopeIncomplete, scopeRefused } from './kill-switch.errors.js';

type Status = governance.KillStatus;

interface Transition {
  from: Status;
  to: Status;
  by: 'person' | 'engine' | 'clock';
}

/** Every way a kill switch's status may change; nothing else may change it. */
export const KILL_SWITCH_TRANSITIONS: readonly Transition[] = [
  { from: 'engaged', to: 'releasing', by: 'person' },
  { from: 'engaged', to: 'released', by: 'engine' },
  { from: 'releasing', to: 'engaged', by: 'person' },
  { from: 'releasing', to: 'released', by: 'clock' },
];

/** Share of the runs of its scope that are let in, stage by stage of a release. */
const RELEASE_SHARES = [0.1, 0.5] as const;
export const LAST_STAGE = RELEASE_SHARES.length - 1;

export const admittedShare = ({
  status,
  stage,
  rehearsal,
}: {
  status: Status;
  stage: number;
  rehearsal: boolean;
}): number => {
  if (rehearsal || status === 'released') return 1;
  return status === 'engaged' ? 0 : RELEASE_SHARES[Math.min(stage, LAST_STAGE)]!;
};

/** What is to be stopped: in every team, or in one. */
export interface KillTarget {
  scope: governance.KillScope;
  team: string;
  /** Agent or tool; empty for the scopes all and team. */
  target: string;
}

interface Caller {
  team: string;
  roles: readonly Role[];
}

/**
 * What a request is about, if its caller may ask for it. A team's switches are its admins', and an installation admin's;
 * the installation's are an installation admin's alone.
 * @throws AppError located: `kill_switch.scope_refused`, `kill_switch.scope_incomplete`
 */
export const judgeTarget = (caller: Caller, input: governance.EngageKillSwitch): KillTarget => {
  const { scope, team_id, agent_id, tool } = input;
  const wanted = { all: null, team: null, agent: 'agent_id', tool: 'tool' } as const;
  for (const field of ['agent_id', 'tool'] as const) {
    const given = input[field] !== undefined && input[field] !== null;
    if (given !== (wanted[scope] === field)) {
      throw scopeIncomplete(
        `/${field}`,
        given ? `does not belong to the scope ${scope}` : `the scope ${scope} needs it`,
      );
    }
  }
  if (scope === 'all' && team_id) throw scopeIncomplete('/team_id', 'does not belong to the scope all');
  const target = { scope, team: team_id ?? caller.team, target: agent_id ?? tool ?? '' };
  assertMayKill(caller, target);
  return target;
};

/** @throws AppError `kill_switch.scope_refused` */
export const assertMayKill = (caller: Caller, { scope, team }: Pick<KillTarget, 'scope' | 'team'>): void => {
  if (caller.roles.includes('installation_admin')) return;
  if (scope === 'all') throw scopeRefused('Only an installation admin stops and releases every team.', '/scope');
  if (team !== caller.team) throw scopeRefused("Only an installation admin stops another team's runs.", '/team_id');
  if (!caller.roles.includes('admin'))
    throw scopeRefused('Only an admin of the team stops and releases its runs.', '/scope');
};

const UNSEEN = /[\s\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Whether a text says anything to whoever reads it: spaces and characters without a shape do not. */
const isSaid = (text: string): boolean => text.replace(UNSEEN, '') !== '';

/** @throws AppError `input.invalid` for a reason that nobody could read */
export const assertReason = ({ reason }: Pick<governance.EngageKillSwitch, 'reason'>): void => {
  if (!isSaid(reason)) throw invalidInput([{ path: '/reason', message: 'must say why, in words' }]);
};

export const reasonOrNone = (reason: string | null | undefined): string | null =>
  reason && isSaid(reason) ? reason : null;

type Aim = Pick<KillTarget, 'scope' | 'target'>;

/** Whether a target may be misspelt, so far as its name alone says: a tool that everybody has is not. */
export const mayBeMisspelt = ({ scope, target }: Aim): boolean => {
  if (scope !== 'tool') return scope === 'agent';
  return !Object.hasOwn(governance.TOOL_TRAITS, target.replace(/@v1$/, ''));
};

/** What is said of a stop of something that nobody has seen. */
export const unseenText = ({ scope, target }: Aim): string =>
  scope === 'agent'
    ? `No run of an agent named “${target}” has been seen in this team.`
    : `No use of a tool named “${target}” has been seen in this team.`;

/** An executor process as it was last heard of. */
export interface Replica {
  epoch: number;
  /** Switch id -> executions of its scope that have not ended. */
  stopping: Record<string, number>;
}

interface Awaited {
  id: string;
  epoch: number;
}

export const acknowledged = ({ epoch }: Pick<Awaited, 'epoch'>, replicas: readonly Replica[]): Replica[] =>
  replicas.filter((replica) => replica.epoch >= epoch);

/** Executions that a switch still has to stop: the most that any process which obeys it has counted. */
export const stillStopping = (order: Awaited, replicas: readonly Replica[]): number =>
  Math.max(0, ...acknowledged(order, replicas).map(({ stopping }) => stopping[order.id] ?? 0));

/**
 * Whether a stop is done: every living executor obeys and has counted nothing of the scope that has not ended, and no
 * approval of it waits. While no executor lives nobody can tell. A rehearsal is done once all have counted.
 */
export const isConfirmed = (
  order: Awaited & { rehearsal: boolean },
  replicas: readonly Replica[],
  approvals: number,
): boolean => {
  if (replicas.length === 0 || acknowledged(order, replicas).length < replicas.length) return false;
  if (!replicas.every(({ stopping }) => stopping[order.id] !== undefined)) return false;
  return order.rehearsal || (approvals === 0 && stillStopping(order, replicas) === 0);
};
