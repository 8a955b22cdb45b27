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
  { from: 'submitted', to: 'verifying', by: 'caller' },
  { from: 'awaiting_approval', to: 'queued', by: 'person' },
  { from: 'awaiting_approval', to: 'denied', by: 'person' },
  { from: 'awaiting_approval', to: 'expired', by: 'deadline' },
  { from: 'awaiting_approval', to: 'cancelled', by: 'caller' },
  { from: 'awaiting_approval', to: 'failed', by: 'engine' },
  { from: 'awaiting_approval', to: 'paused', by: 'caller' },
  { from: 'awaiting_approval', to: 'verifying', by: 'caller' },
  { from: 'queued', to: 'running', by: 'engine' },
  { from: 'queued', to: 'cancelled', by: 'caller' },
  { from: 'queued', to: 'failed', by: 'engine' },
  { from: 'queued', to: 'paused', by: 'caller' },
  { from: 'queued', to: 'verifying', by: 'caller' },
  { from: 'running', to: 'paused', by: 'engine' },
  { from: 'running', to: 'verifying', by: 'engine' },
  { from: 'paused', to: 'running', by: 'person' },
  { from: 'paused', to: 'queued', by: 'caller' },
  { from: 'paused', to: 'awaiting_approval', by: 'caller' },
  { from: 'paused', to: 'verifying', by: 'caller' },
  ...RUNNING_ENDS.map((to): Transition => ({ from: 'verifying', to, by: 'engine' })),
  ...RUNNING_ENDS.filter((from) => from !== 'rolled_back').map((from): Transition => ({
    from,
    to: 'verifying',
    by: 'caller',
  })),
];

const TERMINAL: ReadonlySet<Status> = new Set([...RUNNING_ENDS, 'denied', 'expired']);

export const isTerminal = (status: Status): boolean => TERMINAL.has(status);

/** Statuses in which an execution still has something before it. */
export const NOT_TERMINAL: readonly Status[] = [
  ...new Set(EXECUTION_TRANSITIONS.map(({ from }) => from).filter((from) => !isTerminal(from))),
];

/**
 * Which statuses an execution may come from to reach this one. Out of an end leads a request of people alone, never the
 * engine: `driven` leaves those out.
 */
export const sourcesOf = (to: Status, driven = false): Status[] =>
  EXECUTION_TRANSITIONS.filter((transition) => transition.to === to)
    .map((transition) => transition.from)
    .filter((from) => !driven || !isTerminal(from));

/** The failure of a run that never began because somebody cancelled it. */
export const CANCELLED_BEFORE_START: executor.FailureView = {
  code: 'execution.cancelled',
  message: 'The run was cancelled before it began.',
};

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
 * its kept effects to be undone; `stopped` is what a kill switch that had it cancelled says. Precedence: an undo that failed, a cancel, a rollback, what stopped it, the first
 * action that failed, an effect that nobody could verify.
 */
export const judgeRun = (
  actions: EndedAction[],
  ending: {
    stop: executor.FailureView | null;
    rolledBack: boolean;
    cancelled: boolean;
    stopped: executor.FailureView | null;
  },
): RunEnd => {
  const broken = actions.find((action) => action.status === 'undo_failed' || action.status === 'conflict');
  if (broken) return { status: 'rollback_failed', failure: broken.failure };
  if (ending.cancelled) {
    const cancelled = { code: 'execution.cancelled', message: 'The run was cancelled.' };
    return { status: 'cancelled', failure: ending.stopped ?? cancelled };
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

/** What of an execution decides what may be asked of it. */
export interface Standing {
  status: Status;
  paused_reason: executor.PauseReason | null;
  pause_requested: boolean;
  cancel_requested: boolean;
  rollback_requested: boolean;
  /** Of an ended run: effects of it are left that a rollback could take back. */
  undoable: boolean;
}

export type Refusal = 'ended' | 'ending' | 'not_paused' | 'waits_for_approval' | 'nothing_to_undo';

/** taken: it changes something. repeated: it was asked before, or is so anyway. refused: it makes no sense now. */
export type RequestJudgement = { kind: 'taken' } | { kind: 'repeated' } | { kind: 'refused'; why: Refusal };

const TAKEN: RequestJudgement = { kind: 'taken' };
const REPEATED: RequestJudgement = { kind: 'repeated' };
const refused = (why: Refusal): RequestJudgement => ({ kind: 'refused', why });

/** What comes of a request of people. A rollback outdoes a cancel; after either, nothing but the end is left to ask for. */
export const judgeRequest = (request: executor.ExecutionRequest, standing: Standing): RequestJudgement => {
  const { status, cancel_requested, rollback_requested } = standing;
  if (isTerminal(status)) {
    if (request !== 'rollback') return refused('ended');
    return standing.undoable ? TAKEN : refused('nothing_to_undo');
  }
  if (request === 'rollback' && rollback_requested) return REPEATED;
  if (request === 'cancel' && cancel_requested && !rollback_requested) return REPEATED;
  if (status === 'verifying' || rollback_requested) return refused('ending');
  if (request === 'rollback' || request === 'cancel') return TAKEN;
  if (cancel_requested) return refused('ending');
  return request === 'pause' ? judgePause(standing) : judgeResume(standing);
};

const judgePause = ({ status, paused_reason, pause_requested }: Standing): RequestJudgement =>
  pause_requested || (status === 'paused' && paused_reason !== 'approval') ? REPEATED : TAKEN;

const RESUMABLE: ReadonlySet<executor.PauseReason> = new Set(['person', 'inconclusive', 'budget']);

const judgeResume = ({ status, paused_reason, pause_requested }: Standing): RequestJudgement => {
  if (pause_requested) return TAKEN;
  if (status === 'awaiting_approval') return refused('waits_for_approval');
  if (status !== 'paused') return refused('not_paused');
  if (paused_reason === 'approval') return refused('waits_for_approval');
  return paused_reason !== null && RESUMABLE.has(paused_reason) ? TAKEN : refused('not_paused');
};

/** Everything that makes sense to ask of it now. */
export const requestsOf = (standing: Standing): executor.ExecutionRequest[] =>
  (['pause', 'resume', 'cancel', 'rollback'] as const).filter(
    (request) => judgeRequest(request, standing).kind === 'taken',
  );

/**
 * Where a run that people paused goes on, which is where it was: it had begun or not, and the approval it waited for
 * when the answer came is looked at again. What nobody could judge and a person keeps is over: the run goes on.
 */
export const goesOnAs = (paused: {
  status: Status;
  paused_reason: executor.PauseReason | null;
  begun: boolean;
  has_approval: boolean;
}): { status: Status; paused_reason: executor.PauseReason | null } => {
  const { status, paused_reason, begun, has_approval } = paused;
  if (status !== 'paused' || paused_reason === 'approval') return { status, paused_reason };
  if (!begun) return { status: has_approval ? 'awaiting_approval' : 'queued', paused_reason: null };
  if (paused_reason === 'person' && has_approval) return { status: 'paused', paused_reason: 'approval' };
  return { status: 'running', paused_reason: null };
};
