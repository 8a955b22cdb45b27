import type { ChangeViolation, Violation } from '#client/browser';
import type { Tone } from '../page/tone.rules.js';

type Status = Violation['status'];
type Severity = Violation['severity'];
type Type = Violation['violation_type'];

export const STATUSES = ['open', 'accepted', 'fixed', 'false_alarm'] as const satisfies readonly Status[];
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const satisfies readonly Severity[];
export const TYPES = ['contract', 'policy', 'spec', 'detector'] as const satisfies readonly Type[];

export const STATUS_WORDS: Readonly<Record<Status, { word: string; tone: Tone; meaning: string }>> = {
  open: { word: 'open', tone: 'high', meaning: 'Nobody has said yet what comes of it.' },
  accepted: { word: 'accepted', tone: 'neutral', meaning: 'Somebody said why it may stay so.' },
  fixed: { word: 'fixed', tone: 'low', meaning: 'What caused it is gone.' },
  false_alarm: { word: 'false alarm', tone: 'neutral', meaning: 'Somebody said why it is none.' },
};

export const TYPE_WORDS: Readonly<Record<Type, { label: string; what: string }>> = {
  contract: { label: 'Contract', what: 'An action changed what its contract does not allow.' },
  policy: { label: 'Policy', what: 'An action that policy denied was asked for.' },
  spec: { label: 'Spec', what: 'The trace of the run does what a spec rules out.' },
  detector: { label: 'Detector', what: 'A detector noticed it in the run.' },
};

interface Move {
  to: Status;
  label: string;
  key: string;
  /** Whether it is not taken without a note. */
  needsNote: boolean;
  hint: string;
}

const MOVES: Readonly<Record<Status, Move>> = {
  accepted: { to: 'accepted', label: 'Accept', key: 'a', needsNote: true, hint: 'Why it may stay so' },
  fixed: { to: 'fixed', label: 'Fixed', key: 'f', needsNote: false, hint: 'Optional; what was done' },
  false_alarm: {
    to: 'false_alarm',
    label: 'False alarm',
    key: 'x',
    needsNote: true,
    hint: 'Why it is none: detectors learn from it',
  },
  open: { to: 'open', label: 'Open again', key: 'o', needsNote: false, hint: 'Optional; why' },
};

const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  open: ['accepted', 'fixed', 'false_alarm'],
  accepted: ['fixed', 'open'],
  fixed: ['open'],
  false_alarm: ['open'],
};

/** What people may make of a violation that stands so. */
export const movesFrom = (status: Status): Move[] => NEXT[status].map((to) => MOVES[to]);

export const moveTo = (status: Status): Move => MOVES[status];

/** Still open after its date. `dueMs`: milliseconds since 1970; null: it has none. */
export const isOverdue = ({ status }: Pick<Violation, 'status'>, dueMs: number | null, nowMs: number): boolean =>
  status === 'open' && dueMs !== null && dueMs < nowMs;

export interface Assignment extends Record<string, unknown> {
  /** User id; empty: nobody. */
  owner: string;
  /** `2026-12-01`; empty: no date. */
  due: string;
}

/** What of an assignment is another one now, as it is sent. `dueAt`: the end of its day, RFC 3339; null: no date. */
export const changeOf = (before: Assignment, now: Assignment, dueAt: string | null): ChangeViolation => ({
  ...(now.owner !== before.owner && { owner: now.owner || null }),
  ...(now.due !== before.due && { due_at: dueAt }),
});

/** One entry of the evidence, as people read it: texts as they are, everything else as JSON. */
export const evidenceText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, ' ');
