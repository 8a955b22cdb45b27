import type { executor } from '#contracts';
import type { JournalKind } from '../journal/journal.kinds.js';
import type { ExecutionPatch } from '../journal/journal.js';
import { goesOnAs, isTerminal } from './execution.rules.js';

interface Row {
  status: executor.ExecutionStatus;
  paused_reason: executor.PauseReason | null;
  started_at: Date | null;
  approval_id: string | null;
  final_answer: string | null;
  failure: executor.FailureView | null;
  ending: { stop: executor.FailureView | null } | null;
}

/** What a request that is taken writes: the kind of its row, the status the row tells, and the execution's change. */
export interface RequestChange {
  kind: Extract<JournalKind, `execution.${'pause' | 'cancel' | 'rollback'}_requested` | 'execution.resumed'>;
  status: executor.ExecutionStatus;
  /** Told where the run goes on. */
  paused_reason?: executor.PauseReason | null;
  patch: ExecutionPatch;
}

/** `mayOverrun`: whoever asks may also raise the limits of its budgets, so a resume lets it go on beyond them. */
export const changeOf = (request: executor.ExecutionRequest, row: Row, mayOverrun = false): RequestChange => {
  const { status } = row;
  switch (request) {
    case 'pause':
      return { kind: 'execution.pause_requested', status, patch: { pause_requested: true } };
    case 'cancel':
      return { kind: 'execution.cancel_requested', status, patch: { cancel_requested: true } };
    case 'rollback':
      return isTerminal(status) ? reopening(row) : rollingBack(row);
    case 'resume':
      return goingOn(row, mayOverrun);
  }
};

const rollingBack = ({ status }: Row): RequestChange => ({
  kind: 'execution.rollback_requested',
  status,
  patch: { rollback_requested: true },
});

/** An ended run goes back to where it was judged; what made it give up then is still the reason it did not succeed. */
const reopening = ({ status, final_answer, failure, ending }: Row): RequestChange => ({
  kind: 'execution.rollback_requested',
  status: 'verifying',
  patch: {
    status: 'verifying',
    rollback_requested: true,
    cancel_requested: false,
    ending: {
      answer: final_answer,
      stop: ending?.stop ?? (status === 'failed' || status === 'unverifiable' ? failure : null),
      rollback: true,
      cancelled: false,
      reopened: true,
    },
  },
});

const waitsForBudget = ({ status, paused_reason }: Pick<Row, 'status' | 'paused_reason'>): boolean =>
  status === 'paused' && paused_reason === 'budget';

/** Whether a resume would only lead back to where it waits: its budget is spent, and who asks may not let it overrun. */
export const isBeyond = (row: Pick<Row, 'status' | 'paused_reason'>, mayOverrun: boolean): boolean =>
  waitsForBudget(row) && !mayOverrun;

const goingOn = (row: Row, mayOverrun: boolean): RequestChange => {
  const begun = row.started_at !== null;
  const { status, paused_reason } = goesOnAs({ ...row, begun, has_approval: row.approval_id !== null });
  const overrun = waitsForBudget(row) && mayOverrun;
  const patch = {
    paused_reason,
    pause_requested: false,
    ...(status !== row.status && { status }),
    ...(overrun && { over_budget: true }),
  };
  return { kind: 'execution.resumed', status, paused_reason, patch };
};
