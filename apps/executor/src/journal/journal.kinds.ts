import { executor, type Fact, type Principal } from '#contracts';

/** What each kind of journal row adds. Every row is one frame. */
export interface JournalBodies {
  'execution.submitted': StatusBody;
  'execution.predicted': { risk: executor.RiskView };
  'execution.decided': StatusBody;
  'execution.started': StatusBody;
  'execution.pause_requested': RequestBody;
  'execution.paused': StatusBody;
  'execution.resumed': StatusBody & Partial<RequestBody>;
  'execution.cancel_requested': RequestBody;
  'execution.rollback_requested': RequestBody;
  'execution.verifying': StatusBody;
  'execution.finished': StatusBody & executor.RiskView;
  'step.proposed': StepBody;
  'action.predicted': StepBody;
  'action.decided': StepBody;
  'action.approved': StepBody;
  'action.refused': StepBody;
  'action.started': StepBody;
  'action.recovered': StepBody;
  'action.done': StepBody;
  'action.verified': StepBody;
  'action.undoing': StepBody;
  'action.undone': StepBody;
  'step.finished': StepBody;
  'step.analyzed': { risk: executor.RiskView; findings: executor.FindingView[] };
}

interface StatusBody {
  status: executor.ExecutionStatus;
  paused_reason?: executor.PauseReason | null;
  failure?: executor.FailureView | null;
}

/** What people ask of a run: who, and why. */
interface RequestBody extends StatusBody {
  by: Principal;
  reason: string | null;
}

interface StepBody {
  step: executor.StepView;
}

export type JournalKind = keyof JournalBodies;

/** Kind -> frame: the one table behind the WebSocket, the live view and `executor.journal.read.v1`. */
export const FRAME_OF: Record<JournalKind, executor.FrameType> = {
  'execution.submitted': 'status_update',
  'execution.predicted': 'risk_update',
  'execution.decided': 'status_update',
  'execution.started': 'status_update',
  'execution.pause_requested': 'status_update',
  'execution.paused': 'status_update',
  'execution.resumed': 'status_update',
  'execution.cancel_requested': 'status_update',
  'execution.rollback_requested': 'status_update',
  'execution.verifying': 'status_update',
  'execution.finished': 'completion',
  'step.proposed': 'step_update',
  'action.predicted': 'step_update',
  'action.decided': 'step_update',
  'action.approved': 'step_update',
  'action.refused': 'step_update',
  'action.started': 'step_update',
  'action.recovered': 'step_update',
  'action.done': 'step_update',
  'action.verified': 'step_update',
  'action.undoing': 'step_update',
  'action.undone': 'step_update',
  'step.finished': 'step_update',
  'step.analyzed': 'risk_update',
};

/** Kinds that other services hear of, by a fact in the same transaction whose `journal_seq` names the row. */
export const FACT_OF: Partial<Record<JournalKind, Fact<object>>> = {
  'execution.submitted': executor.executionSubmitted,
  'execution.finished': executor.executionFinished,
};

export interface JournalRow {
  execution_id: string;
  seq: number;
  at: Date;
  kind: JournalKind;
  body: JournalBodies[JournalKind];
}

export const frameOf = (row: JournalRow): executor.Frame => ({
  type: FRAME_OF[row.kind],
  execution_id: row.execution_id,
  seq: row.seq,
  at: row.at.toISOString(),
  kind: row.kind,
  ...row.body,
});
