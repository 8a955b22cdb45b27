import type { executor } from '#contracts';
import type { ActionStatus } from '../action/action.rules.js';

type Status = executor.ExecutionStatus;

interface Transition {
  from: Status;
  to: Status;
  /** Who moves it. */
  by: 'policy' | 'person' | 'engine' | 'deadline' | 'caller';
}

const RUNNING_ENDS: readonly Status[] = [
  'succeeded',
  'rolled_back',
  'partially_rolled_back',
  'rollback_failed',
  'unverifiable',
  'failed',
  'cancelled',
];

/** Every move an execution can make; nothing else may change its status. */
export const EXECUTION_TRANSITIONS: readonly Transition[] = [
  { from: 'submitted', to: 'denied', by: 'policy' },
  { from: 'submitted', to: 'awaiting_approval', by: 'policy' },
  { from: 'submitted', to: 'queued', by: 'policy' },
  { from: 'submitted', to: 'cancelled', by: 'caller' },
  { from: 'submitted', to: 'failed', by: 'engine' },
  { from: 'awaiting_approval', to: 'queued', by: 'person' },
  { from: 'awaiting_approval', to: 'denied', by: 'person' },
  { from: 'awaiting_approval', to: 'expired', by: 'deadline' },
  { from: 'awaiting_approval', to: 'cancelled', by: 'caller' },
  { from: 'awaiting_approval', to: 'failed', by: 'engine' },
  { from: 'queued', to: 'running', by: 'engine' },
  { from: 'queued', to: 'cancelled', by: 'caller' },
  { from: 'queued', to: 'failed', by: 'engine' },
  { from: 'running', to: 'paused', by: 'engine' },
  { from: 'running', to: 'verifying', by: 'engine' },
  { from: 'paused', to: 'running', by: 'engine' },
  { from: 'paused', to: 'verifying', by: 'caller' },
  ...RUNNING_ENDS.map((to): Transition => ({ from: 'verifying', to, by: 'engine' })),
];

const TERMINAL: ReadonlySet<Status> = new Set([...RUNNING_ENDS, 'denied', 'expired']);

export const isTerminal = (status: Status): boolean => TERMINAL.has(status);

/** Statuses in which an execution still has something before it. */
export const NOT_TERMINAL: readonly Status[] = [...new Set(EXECUTION_TRANSITIONS.map(({ from }) => from))];

/** Which statuses an execution may come from to reach this one. */
export const sourcesOf = (to: Status): Status[] =>
  EXECUTION_TRANSITIONS.filter((transition) => transition.to === to).map((transition) => transition.from);

export interface EndedAction {
  status: ActionStatus;
  /** Whether it changed the world while it stood. */
  had_effect: boolean;
  verdict: executor.VerifiedFact['verdict'] | null;
  failure: executor.FailureView | null;
}

const isVerified = ({ verdict }: EndedAction): boolean => verdict === 'verified';

export interface RunEnd {
  status: Status;
  failure: executor.FailureView | null;
}

/**
 * How a run ended, from its actions alone. `stop` is what made the driver give up; `rolledBack` says that it asked for
 * its kept effects to be undone. Precedence: an undo that failed, a cancel, a rollback, what stopped it, the first
 * action that failed, an effect that nobody could verify.
 */
export const judgeRun = (
  actions: EndedAction[],
  ending: { stop: executor.FailureView | null; rolledBack: boolean; cancelled: boolean },
): RunEnd => {
  const broken = actions.find((action) => action.status === 'undo_failed' || action.status === 'conflict');
  if (broken) return { status: 'rollback_failed', failure: broken.failure };
  if (ending.cancelled) {
    return { status: 'cancelled', failure: { code: 'execution.cancelled', message: 'The run was cancelled.' } };
  }
  if (ending.rolledBack) {
    const kept = actions.some((action) => action.status === 'kept' && action.had_effect);
    return { status: kept ? 'partially_rolled_back' : 'rolled_back', failure: ending.stop };
  }
  if (ending.stop) return { status: 'failed', failure: ending.stop };
  const failed = actions.find((action) => action.status !== 'kept' || (action.failure && isVerified(action)));
  if (failed) return { status: 'failed', failure: failed.failure };
  if (!actions.every(isVerified)) {
    return {
      status: 'unverifiable',
      failure: { code: 'contract.unverifiable', message: 'Not every effect could be verified.' },
    };
  }
  return { status: 'succeeded', failure: null };
};
