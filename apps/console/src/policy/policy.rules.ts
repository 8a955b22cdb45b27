import type { Policy, PolicyOverview } from '#client/browser';
import type { Tone } from '../page/tone.rules.js';

/** A bundle: path within it -> text. */
export type Files = Readonly<Record<string, string>>;
type Status = Policy['status'];
export type Summary = PolicyOverview['items'][number];
type Flip = NonNullable<Policy['shadow']>['flips'][number];
export type Replica = PolicyOverview['replicas'][number];

export const STATUS_WORDS: Readonly<Record<Status, { word: string; tone: Tone; meaning: string }>> = {
  draft: { word: 'draft', tone: 'neutral', meaning: 'Nobody is asked about it yet.' },
  awaiting_approval: {
    word: 'awaits approval',
    tone: 'high',
    meaning: 'People are asked whether it comes into force.',
  },
  published: { word: 'published', tone: 'low', meaning: 'It is or was in force.' },
  rejected: { word: 'rejected', tone: 'critical', meaning: 'Somebody said no.' },
  superseded: { word: 'superseded', tone: 'neutral', meaning: 'Another bundle came into force first.' },
  expired: { word: 'expired', tone: 'neutral', meaning: 'Nobody answered in time.' },
};

const OUTCOMES: Readonly<Record<string, { word: string; tone: Tone }>> = {
  allow: { word: 'allow', tone: 'low' },
  'ask 2': { word: 'ask one person', tone: 'medium' },
  'ask 3': { word: 'ask two people', tone: 'high' },
  deny: { word: 'deny', tone: 'critical' },
};

/** `allow`, `ask 2`, `ask 3`, `deny`, in words. */
export const outcomeWords = (outcome: string): { word: string; tone: Tone } =>
  OUTCOMES[outcome] ?? { word: outcome, tone: 'neutral' };

/** Who decides before and after; of a replay that did not keep them apart, who makes the difference. */
export const becauseText = ({ policies, from_policies, to_policies }: Flip): string => {
  const named = (ids: readonly string[]): string => ids.join(', ') || 'no policy';
  if (from_policies && to_policies) return `before: ${named(from_policies)}; now: ${named(to_policies)}`;
  return policies.join(', ') || 'no policy allows it any more';
};

/** A decision as it is compared: tier 1 is allowed without people. */
export const outcomeOf = (decision: 'allow' | 'ask' | 'deny', tier: number | null | undefined): string =>
  decision === 'ask' ? `ask ${tier}` : decision;

const KINDS: readonly [RegExp, string][] = [
  [/^schema\.cedarschema$/, 'The words policies may use'],
  [/^path-classes\.yaml$/, 'Which paths are more than ordinary files'],
  [/^tests\//, 'What has to come out of it'],
  [/\.cedar$/, 'Policies'],
];

/** What a file of a bundle is for; null: it is no file of one. */
export const kindOf = (file: string): string | null => KINDS.find(([pattern]) => pattern.test(file))?.[1] ?? null;

/** Policies first, what they speak of after them, tests last; each by name. */
export const inOrder = (files: Iterable<string>): string[] => {
  const rank = (file: string): number => (file.endsWith('.cedar') ? 0 : file.startsWith('tests/') ? 2 : 1);
  return [...files].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
};

export const FILE_NAME = /^([a-z0-9][a-z0-9-]{0,63}\.cedar|tests\/[a-z0-9][a-z0-9-]{0,63}\.yaml)$/;

/** Why a file of this name cannot be added; null: it can. */
export const nameProblem = (name: string, files: Files): string | null => {
  if (!FILE_NAME.test(name)) return 'a name.cedar or tests/name.yaml, of small letters, digits and hyphens';
  return Object.hasOwn(files, name) ? 'there is one of this name' : null;
};

export interface Place {
  file: string;
  /** From 1. */
  line: number;
}

/** `<file>:<line>`; null: about the bundle as a whole. */
export const placeOf = (path: string): Place | null => {
  const match = /^(.+):(\d+)$/.exec(path);
  return match ? { file: match[1]!, line: Math.max(1, Number(match[2])) } : null;
};

export interface Problem {
  place: Place | null;
  message: string;
}

export const problemsOf = (check: Policy['check']): Problem[] =>
  (check?.problems ?? []).map(({ path, message }) => ({ place: placeOf(path), message }));

/** By line of one file: what is wrong there. */
export const marksOf = (problems: readonly Problem[], file: string): ReadonlyMap<number, string> => {
  const marks = new Map<number, string>();
  for (const { place, message } of problems) {
    if (place?.file !== file) continue;
    const there = marks.get(place.line);
    marks.set(place.line, there === undefined ? message : `${there}; ${message}`);
  }
  return marks;
};

export interface Change {
  file: string;
  kind: 'added' | 'changed' | 'removed';
}

/** Files that differ, in order. */
export const changesOf = (before: Files, after: Files): Change[] =>
  inOrder(new Set([...Object.keys(before), ...Object.keys(after)])).flatMap((file): Change[] => {
    if (before[file] === after[file]) return [];
    if (before[file] === undefined) return [{ file, kind: 'added' }];
    return [{ file, kind: after[file] === undefined ? 'removed' : 'changed' }];
  });

/** How many of the living processes decide by the epoch in force, and which do not. */
export const acknowledged = ({
  epoch,
  replicas,
}: Pick<PolicyOverview, 'epoch' | 'replicas'>): { alive: number; taken: number; late: Replica[] } => {
  const alive = replicas.filter((one) => one.alive);
  const late = alive.filter((one) => one.epoch !== epoch || Boolean(one.problem));
  return { alive: alive.length, taken: alive.length - late.length, late };
};

const OVERVIEW_MS = { moving: 1_000, asked: 3_000, still: 15_000 };

/** When to look again, in milliseconds: what is only read back, no hint tells. */
export const paceMs = (overview: PolicyOverview | undefined): number => {
  if (!overview) return OVERVIEW_MS.still;
  const { alive, taken } = acknowledged(overview);
  if (taken < alive) return OVERVIEW_MS.moving;
  return overview.items.some(({ status }) => status === 'awaiting_approval') ? OVERVIEW_MS.asked : OVERVIEW_MS.still;
};

/** Different people whose yes is still needed. */
export const stillNeeded = ({ votes, approvers_needed }: Pick<Policy, 'votes' | 'approvers_needed'>): number => {
  const yes = new Set(votes.filter(({ decision }) => decision === 'approve').map(({ by }) => by.id));
  return Math.max(0, approvers_needed - yes.size);
};

/** What a bundle is called. */
export const titleOf = ({
  epoch,
  returns_to,
  based_on,
}: Pick<Summary, 'epoch' | 'returns_to' | 'based_on'>): string => {
  const back = typeof returns_to === 'number' ? `, epoch ${returns_to} again` : '';
  if (typeof epoch === 'number') return `Epoch ${epoch}${back}`;
  return back ? `Epoch ${returns_to} again` : `For epoch ${based_on + 1}`;
};

/** Why it was written, as its author said; of the shipped one that it is. */
export const noteOf = ({ note, author }: Pick<Summary, 'note' | 'author'>): string =>
  note ?? (author.kind === 'service' && author.id === 'spectrace' ? 'As it was shipped.' : 'Nobody said why.');
