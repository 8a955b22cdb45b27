import type { executor } from '#contracts';

export const ACTION_STATUSES = [
  'proposed',
  'awaiting_approval',
  'authorised',
  'started',
  'undoing',
  'inconclusive',
  'refused',
  'denied',
  'kept',
  'undone',
  'conflict',
  'undo_failed',
  'skipped',
] as const;
export type ActionStatus = (typeof ACTION_STATUSES)[number];

interface Transition {
  from: ActionStatus;
  to: ActionStatus;
  /** Who moves it. */
  by: 'gate' | 'person' | 'tool' | 'judge' | 'hold' | 'driver';
}

/** Every move an action can make; nothing else may change its status. */
export const ACTION_TRANSITIONS: readonly Transition[] = [
  { from: 'proposed', to: 'authorised', by: 'gate' },
  { from: 'proposed', to: 'awaiting_approval', by: 'gate' },
  { from: 'proposed', to: 'denied', by: 'gate' },
  { from: 'proposed', to: 'refused', by: 'gate' },
  { from: 'proposed', to: 'skipped', by: 'driver' },
  { from: 'awaiting_approval', to: 'authorised', by: 'person' },
  { from: 'awaiting_approval', to: 'denied', by: 'person' },
  { from: 'awaiting_approval', to: 'skipped', by: 'driver' },
  { from: 'authorised', to: 'started', by: 'tool' },
  { from: 'authorised', to: 'refused', by: 'hold' },
  { from: 'authorised', to: 'skipped', by: 'driver' },
  { from: 'started', to: 'started', by: 'tool' },
  { from: 'started', to: 'kept', by: 'judge' },
  { from: 'started', to: 'undoing', by: 'judge' },
  { from: 'started', to: 'inconclusive', by: 'judge' },
  { from: 'inconclusive', to: 'kept', by: 'person' },
  { from: 'inconclusive', to: 'undoing', by: 'person' },
  { from: 'undoing', to: 'undone', by: 'hold' },
  { from: 'undoing', to: 'conflict', by: 'hold' },
  { from: 'undoing', to: 'undo_failed', by: 'hold' },
  { from: 'kept', to: 'undoing', by: 'driver' },
  { from: 'conflict', to: 'undoing', by: 'person' },
  { from: 'undo_failed', to: 'undoing', by: 'person' },
];

const FINISHED: ReadonlySet<ActionStatus> = new Set([
  'refused',
  'denied',
  'kept',
  'undone',
  'conflict',
  'undo_failed',
  'skipped',
]);

export const isFinished = (status: ActionStatus): boolean => FINISHED.has(status);

export const mayMove = (from: ActionStatus, to: ActionStatus): boolean =>
  ACTION_TRANSITIONS.some((transition) => transition.from === from && transition.to === to);

/** Which statuses an action may come from to reach this one. */
export const sourcesOf = (to: ActionStatus): ActionStatus[] =>
  ACTION_TRANSITIONS.filter((transition) => transition.to === to).map((transition) => transition.from);

interface Judged {
  status: ActionStatus;
  verified: executor.VerifiedFact | null;
}

/** Whether a kept action changed the world, or may have: what nobody could judge counts as a change. */
export const hasEffect = ({ status, verified }: Judged): boolean =>
  status === 'kept' && (verified?.verdict === 'inconclusive' || (verified?.change_count ?? 0) > 0);

const LEFT_BEHIND: ReadonlySet<ActionStatus> = new Set([
  'started',
  'inconclusive',
  'undoing',
  'conflict',
  'undo_failed',
]);

/** Whether something of it may be left that a rollback asked for by people takes back; an undo that failed is tried again. */
export const isUndoable = (action: Judged): boolean => LEFT_BEHIND.has(action.status) || hasEffect(action);

/**
 * What the driver is told of an action: it succeeded only if its tool did and its contract was verified, or if a person
 * who looked at what nobody could judge kept it.
 */
export const failureOf = (action: Judged & { failure: executor.FailureView | null }): executor.FailureView | null => {
  if (action.failure) return action.failure;
  if (action.status === 'kept') {
    const { verdict } = action.verified ?? {};
    return verdict === 'verified' || verdict === 'inconclusive'
      ? null
      : { code: 'contract.unverifiable', message: 'Nobody could verify what the action did.' };
  }
  const reason = action.verified?.deviations[0]?.reason;
  return { code: 'contract.deviated', message: reason ?? `The action ended ${action.status}.` };
};
