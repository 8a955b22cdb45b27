import type { Execution, ExecutionStatus, Frame } from '#client/browser';

/** What frames say of the run as a whole; `seq` is the newest of those that said something of it. */
export type Head = Pick<Frame, 'seq' | 'status' | 'paused_reason' | 'risk'>;

const OVER: ReadonlySet<ExecutionStatus> = new Set([
  'denied',
  'cancelled',
  'failed',
  'expired',
  'succeeded',
  'rolled_back',
  'partially_rolled_back',
  'rollback_failed',
  'unverifiable',
]);

/** An execution as it was read, with what newer frames say of it. */
export const withHead = <E extends Execution>(execution: E, head: Head): E => {
  if (head.seq <= execution.last_seq) return execution;
  const { risk } = head;
  const status = head.status ?? execution.status;
  const phase = OVER.has(status) ? 'completed' : 'running';
  return {
    ...execution,
    status,
    phase,
    // What may be asked is in no frame: of a run that has ended since, nothing until it is read again.
    can: phase === execution.phase ? execution.can : [],
    paused_reason: head.status ? (head.paused_reason ?? null) : execution.paused_reason,
    risk_score: Math.max(execution.risk_score, risk?.risk_score ?? 0),
    deception_probability: Math.max(execution.deception_probability, risk?.deception_probability ?? 0),
  };
};

/** Whether frames are still to come: the run goes on, or has gone on since the newest frame that was seen. */
export const isToJoin = (execution: Execution, seen: number): boolean =>
  execution.phase === 'running' || execution.last_seq > seen;
