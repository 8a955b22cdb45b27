import type { executor } from '#contracts';
import type { Execution } from './execution.entity.js';
import { isTerminal, requestsOf } from './execution.rules.js';

/** `waitsFor`: the execution of the same team that is in its way, when that is known. */
export const executionView = (row: Execution, waitsFor: string | null = null): executor.ExecutionView => ({
  id: row.id,
  status: row.status,
  phase: isTerminal(row.status) ? 'completed' : 'running',
  paused_reason: row.paused_reason,
  agent_id: row.agent_id,
  agent_type: row.agent_type,
  task_description: row.task_description,
  max_steps: row.max_steps,
  playbook: row.playbook,
  workspace: row.workspace,
  principal: row.principal,
  on_behalf_of: row.on_behalf_of,
  prediction: row.prediction,
  risk_score: row.risk_score,
  deception_probability: row.deception_probability,
  failure: row.failure,
  final_answer: row.final_answer,
  pause_requested: row.pause_requested,
  cancel_requested: row.cancel_requested,
  rollback_requested: row.rollback_requested,
  can: requestsOf(row),
  waits_for: waitsFor,
  last_seq: row.last_seq,
  created_at: row.created_at.toISOString(),
  started_at: row.started_at?.toISOString() ?? null,
  finished_at: row.finished_at?.toISOString() ?? null,
});

export const executionResult = (
  row: Execution,
  steps: { items: executor.StepView[]; step_count: number },
  waitsFor: string | null,
): executor.ExecutionResult => ({
  ...executionView(row, waitsFor),
  execution_id: row.id,
  step_count: steps.step_count,
  execution_trace: steps.items,
  spec_violations: row.spec_violations,
});
