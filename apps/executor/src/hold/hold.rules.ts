import type { executor } from '#contracts';
import type { RestoreOutcome } from '#snapshots';
import { visible } from '../action/visible.rules.js';

const SHOWN_PROBLEMS = 50;

export const HOLD_STATUSES = ['held', 'kept', 'undoing', 'undone', 'conflict', 'undo_failed'] as const;
export type HoldStatus = (typeof HOLD_STATUSES)[number];

interface Transition {
  from: HoldStatus;
  to: HoldStatus;
  /** Who moves it. */
  by: 'judge' | 'driver' | 'person';
}

/** Every move a hold can make; nothing else may change its status. */
export const HOLD_TRANSITIONS: readonly Transition[] = [
  { from: 'held', to: 'kept', by: 'judge' },
  { from: 'held', to: 'undoing', by: 'judge' },
  { from: 'kept', to: 'undoing', by: 'driver' },
  { from: 'undoing', to: 'undone', by: 'driver' },
  { from: 'undoing', to: 'conflict', by: 'driver' },
  { from: 'undoing', to: 'undo_failed', by: 'driver' },
  { from: 'conflict', to: 'undoing', by: 'person' },
  { from: 'undo_failed', to: 'undoing', by: 'person' },
];

/** Which statuses a hold may come from to reach this one. */
export const sourcesOf = (to: HoldStatus): HoldStatus[] =>
  HOLD_TRANSITIONS.filter((transition) => transition.to === to).map((transition) => transition.from);

/** What people are told of an undo. */
export const undoneFact = (before: string, restore: RestoreOutcome): executor.UndoneFact => {
  const problems =
    restore.outcome === 'undone' ? [] : restore.outcome === 'conflict' ? restore.conflicts : restore.failures;
  return {
    outcome: restore.outcome,
    before,
    after: restore.digest,
    restored: restore.restored.length,
    problems: visible(problems.slice(0, SHOWN_PROBLEMS)),
  };
};

/** An undo that did not come as far as the files. */
export const notUndone = (before: string | null, reason: string): executor.UndoneFact => ({
  outcome: 'undo_failed',
  before,
  after: null,
  restored: 0,
  problems: [{ reason: visible(reason) }],
});
