import type { Action } from '#client/browser';
import { bandOf } from '../risk/risk.rules.js';
import type { Tone } from '../page/tone.rules.js';

export const FACTS = ['predicted', 'decided', 'done', 'verified', 'undone'] as const;
export type FactName = (typeof FACTS)[number];

/** good, bad, asks: as it says. back: put back. runs: under way. open: still to come. none: will not come. */
export type FactState = 'good' | 'back' | 'bad' | 'asks' | 'note' | 'runs' | 'open' | 'none';

/** One of the five facts in a few words. Every word of it may hold foreign text. */
export interface FactCell {
  fact: FactName;
  state: FactState;
  tone: Tone;
  text: string;
  /** Worth a line of its own. */
  more?: string;
  /** For who asks: the whole, as a title. */
  whole?: string;
}

type Words = Omit<FactCell, 'fact'>;

const OPEN: Words = { state: 'open', tone: 'neutral', text: 'to come' };
const none = (text: string): Words => ({ state: 'none', tone: 'neutral', text });
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const OVER = new Set(['denied', 'refused', 'skipped']);

/** The words for a fact that is not there, by how the action stands. */
const absent = ({ status }: Action, over: string): Words => (OVER.has(status ?? '') ? none(over) : OPEN);

const predicted = (action: Action): Words => {
  const { predicted: said } = action;
  if (!said) return absent(action, 'not predicted');
  const may = said.expected.length === 0 ? 'may change nothing' : `may change: ${said.expected.join(', ')}`;
  const whole = [...said.findings.map(({ sentence }) => sentence), may].join(' · ');
  if (said.risk === null || said.risk === undefined)
    return { state: 'note', tone: 'medium', text: 'no prediction', whole };
  const tone = bandOf(said.risk);
  return { state: tone === 'low' ? 'good' : 'note', tone, text: `risk ${said.risk.toFixed(2)}`, whole };
};

const approvedBy = ({ approvers, edited_by }: NonNullable<Action['decided']>): string =>
  approvers.join(', ') + (edited_by ? `, as edited by ${edited_by}` : '');

const decided = (action: Action): Words => {
  const { decided: said } = action;
  if (!said) return absent(action, 'not asked');
  const by = said.determining_policies.join(', ') || 'default';
  const whole = said.reasons.join(' ');
  const answer = said.decision === 'ask' ? (said.approval ?? 'pending') : null;
  switch (answer) {
    case null:
      if (said.bypass) {
        const { given_by, use } = said.bypass;
        return { state: 'good', tone: 'medium', text: `allow by a bypass of ${given_by}, use ${use}`, whole };
      }
      return said.decision === 'allow'
        ? { state: 'good', tone: 'low', text: `allow by ${by}`, whole }
        : { state: 'bad', tone: 'critical', text: `denied by ${by}`, whole };
    case 'approved':
      return { state: 'good', tone: 'low', text: `asked, approved by ${approvedBy(said)}`, whole };
    case 'pending':
      if (action.status !== 'awaiting_approval') return { ...none('asked, no longer needed'), whole };
      return {
        state: 'asks',
        tone: 'medium',
        text: `asked, waits for ${said.tier_needed === 3 ? 'two approvers' : 'one approver'}`,
        whole,
      };
    case 'rejected':
      return { state: 'bad', tone: 'critical', text: 'asked, rejected', whole };
    case 'expired':
      return { state: 'bad', tone: 'high', text: 'asked, nobody answered', whole };
    case 'withdrawn':
      return { ...none('asked, withdrawn'), whole };
  }
};

const WAITS_BEFORE = new Set(['proposed', 'awaiting_approval']);

const done = (action: Action): Words => {
  const { done: said, status } = action;
  if (!said && status === 'started') return { state: 'runs', tone: 'info', text: 'at work …' };
  if (!said && WAITS_BEFORE.has(status ?? 'proposed')) return OPEN;
  if (!said) return absent(action, 'not done');
  if (!said.ok)
    return { state: 'bad', tone: 'critical', text: `failed: ${said.failure?.message ?? 'no reason given'}` };
  return { state: 'good', tone: 'low', text: `ok in ${said.duration_ms} ms`, more: summaryOf(said.output) };
};

/** What an output comes down to: entries, bytes, an exit code. */
export const summaryOf = (output: unknown): string | undefined => {
  if (typeof output !== 'object' || output === null) return undefined;
  const { entries, size, exit_code } = output as Record<string, unknown>;
  if (Array.isArray(entries)) return `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}`;
  if (typeof size === 'number') return count(size, 'byte');
  return typeof exit_code === 'number' ? `exit code ${exit_code}` : undefined;
};

const verified = (action: Action): Words => {
  const { verified: said, status } = action;
  if (!said)
    return action.done && status === 'started'
      ? { ...OPEN, state: 'runs', text: 'looking …' }
      : absent(action, 'nothing to verify');
  const more = said.deviations.map(({ reason }) => reason).join(' ');
  switch (said.verdict) {
    case 'verified':
      return said.change_count === 0
        ? { state: 'good', tone: 'low', text: 'no changes, as expected' }
        : { state: 'good', tone: 'low', text: `${count(said.change_count, 'change')}, all expected` };
    case 'deviated':
      return { state: 'bad', tone: 'critical', text: `DEVIATED: ${placesOf(said.deviations)}`, more };
    case 'inconclusive':
      return { state: 'asks', tone: 'high', text: 'inconclusive: a person has to look', more };
    case 'unverifiable':
      return { state: 'note', tone: 'high', text: 'could not be verified', more };
  }
};

const placesOf = (deviations: readonly { path?: string | null; reason: string }[]): string => {
  const paths = [...new Set(deviations.flatMap(({ path }) => (path ? [path] : [])))];
  if (paths.length === 0) return deviations[0]?.reason ?? 'not what the contract expects';
  return paths.length === 1 ? paths[0]! : `${paths[0]} and ${paths.length - 1} more`;
};

const undone = (action: Action): Words => {
  const { undone: said, status } = action;
  if (status === 'undoing') return { state: 'runs', tone: 'info', text: 'putting back …' };
  if (!said) return absent(action, 'nothing to undo');
  const more = said.problems.map(({ path, reason }) => (path ? `${path}: ${reason}` : reason)).join(' ');
  switch (said.outcome) {
    case 'kept':
      return { state: 'good', tone: 'neutral', text: 'kept' };
    case 'undone':
      return {
        state: 'back',
        tone: 'info',
        text: `undone, ${count(said.restored, 'path')} put back`,
        more: said.after === said.before ? 'as it was before, by digest' : 'the digest differs from the one before',
      };
    case 'partly_undone':
      return { state: 'bad', tone: 'high', text: `partly undone, ${count(said.restored, 'path')} put back`, more };
    case 'conflict':
      return { state: 'bad', tone: 'critical', text: 'not undone: somebody else changed it', more };
    case 'undo_failed':
      return { state: 'bad', tone: 'critical', text: 'the undo failed', more };
  }
};

const WORDS: Record<FactName, (action: Action) => Words> = { predicted, decided, done, verified, undone };

/** The five facts of an action side by side. */
export const cellsOf = (action: Action): FactCell[] => FACTS.map((fact) => ({ fact, ...WORDS[fact](action) }));
