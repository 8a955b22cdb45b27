import { Bool, Digest, Id, Instant, Int, Ints, Json, ListOf, Nested, OneOf, Share, Text, Texts } from '../fields.js';
import { VIOLATION_TYPES, type ViolationType } from '../governance/violation.js';
import { fact, rpc } from '../message.js';
import { SEVERITIES, type Severity } from '../prediction/step.js';
import { PrincipalView } from '../principal.js';
import { FailureView, StepView } from './step.js';

export const EXECUTION_STATUSES = [
  'submitted',
  'denied',
  'awaiting_approval',
  'queued',
  'running',
  'paused',
  'verifying',
  'succeeded',
  'rolled_back',
  'partially_rolled_back',
  'rollback_failed',
  'unverifiable',
  'failed',
  'cancelled',
  'expired',
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** What people may ask of a run that exists. */
export const EXECUTION_REQUESTS = ['pause', 'resume', 'cancel', 'rollback'] as const;
export type ExecutionRequest = (typeof EXECUTION_REQUESTS)[number];

export const PAUSE_REASONS = ['approval', 'inconclusive', 'worker', 'person', 'budget'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

export class PlaybookChoice {
  @Text({ optional: true, min: 1, max: 100, doc: 'Name of a registered playbook; its newest version is pinned.' })
  name?: string;

  @Digest({ optional: true, doc: 'Digest of a registered playbook version.' })
  digest?: string;

  @Json({ optional: true, doc: 'Values for the inputs the playbook declares.' })
  inputs?: Record<string, unknown>;
}

export class WorkspaceChoice {
  @OneOf(['local'], { doc: 'local: a folder below one of the roots the operator allows.' })
  kind!: 'local';

  @Text({ min: 1, max: 4096, doc: 'Absolute path of the folder.' })
  path!: string;
}

export class SubmitExecution {
  @Text({ min: 1, max: 10_000, doc: 'What the agent is to do, in words.' })
  task_description!: string;

  @Text({ min: 1, max: 200, doc: 'The driver that runs it; `playbook` for a playbook file.' })
  agent_type!: string;

  @Int({
    optional: true,
    min: 1,
    max: 1000,
    doc: 'Turns a model may take, 1..1000, default 10; a playbook is bounded by its file.',
  })
  max_steps?: number;

  @Text({ optional: true, min: 1, max: 200, doc: "The agent's own name, unique in the team." })
  agent_id?: string;

  @Text({
    optional: true,
    min: 1,
    max: 200,
    doc: 'Who is behind the run; defaults to the caller, another needs the role admin.',
  })
  on_behalf_of?: string;

  @Nested(() => PlaybookChoice, { optional: true, doc: 'Required by the driver `playbook`.' })
  playbook?: PlaybookChoice;

  @Nested(() => WorkspaceChoice, { optional: true, doc: 'The folder the run may see and change.' })
  workspace?: WorkspaceChoice;
}

export class ExecutionRef {
  @Id({ doc: 'Execution id.' })
  execution_id!: string;
}

/** A request of the caller's about a run. */
export class AskOfExecution extends ExecutionRef {
  @Text({ optional: true, min: 1, max: 1_000, doc: 'Why, in words; kept in the journal.' })
  reason?: string;
}

const ONE_STATUS = `(?:${EXECUTION_STATUSES.join('|')})`;

export class ListExecutions {
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' })
  limit?: number;

  @Text({ optional: true, max: 200, doc: '`next_cursor` of the page before.' })
  cursor?: string;

  @Text({
    optional: true,
    max: 500,
    pattern: new RegExp(`^${ONE_STATUS}(?:,${ONE_STATUS})*$`),
    doc: 'Only executions in this status, or in one of several: `failed,cancelled`.',
  })
  status?: string;

  @OneOf(['running', 'completed'], { optional: true, doc: 'completed: only those that have ended.' })
  phase?: 'running' | 'completed';

  @Text({ optional: true, min: 1, max: 200, doc: 'Only executions of this agent.' })
  agent_id?: string;

  @Text({
    optional: true,
    min: 1,
    max: 200,
    doc: 'Only executions whose task or agent has this text in it, in upper or lower case, or whose id begins with it. One page looks through 10,000 runs: it may hold fewer than asked for, even none, and have a next_cursor.',
  })
  q?: string;
}

export class PredictionSummary {
  @Share() predicted_risk!: number;
  @Share() predicted_deception!: number;
  @Share() confidence!: number;
  @Texts() warnings!: string[];
  @Text() recommendation!: string;
  @Text() recommendation_code!: string;
  @Texts() basis!: string[];
}

export class ExecutionView {
  @Id() id!: string;
  @OneOf(EXECUTION_STATUSES) status!: ExecutionStatus;
  @OneOf(['running', 'completed'], { doc: 'completed in every terminal status.' }) phase!: 'running' | 'completed';
  @OneOf(PAUSE_REASONS, { optional: true }) paused_reason!: PauseReason | null;
  @Text() agent_id!: string;
  @Text() agent_type!: string;
  @Text() task_description!: string;
  @Int() max_steps!: number;
  @Nested(() => PlaybookChoice, { optional: true }) playbook!: PlaybookChoice | null;
  @Nested(() => WorkspaceChoice, { optional: true }) workspace!: WorkspaceChoice | null;
  @Nested(() => PrincipalView) principal!: PrincipalView;
  @Nested(() => PrincipalView) on_behalf_of!: PrincipalView;
  @Nested(() => PredictionSummary, { optional: true }) prediction!: PredictionSummary | null;
  @Share({ doc: 'Highest risk seen so far.' }) risk_score!: number;
  @Share({ doc: 'From inconsistency signals only.' }) deception_probability!: number;
  @Nested(() => FailureView, { optional: true, doc: 'Why it did not succeed.' }) failure!: FailureView | null;
  @Text({ optional: true }) final_answer!: string | null;
  @Bool({ doc: 'A pause was asked for and has not begun.' }) pause_requested!: boolean;
  @Bool({ doc: 'Its end was asked for.' }) cancel_requested!: boolean;
  @Bool({ doc: 'Somebody asked for its effects to be undone.' }) rollback_requested!: boolean;
  @Texts({ values: EXECUTION_REQUESTS, doc: 'What makes sense to ask of it now; anything else is refused.' })
  can!: ExecutionRequest[];
  @Id({ optional: true, doc: 'The execution of the team that works in its folder while it waits for that.' })
  waits_for!: string | null;
  @Int({ doc: 'Sequence number of the newest frame.' }) last_seq!: number;
  @Instant() created_at!: string;
  @Instant({ optional: true }) started_at!: string | null;
  @Instant({ optional: true }) finished_at!: string | null;
}

export class SpecViolationView {
  @Text() spec_id!: string;
  @Text() severity!: string;
  @Text() sentence!: string;
  @Ints({ doc: 'Steps it is seen in.' }) steps!: number[];
}

export class ExecutionResult extends ExecutionView {
  @Id({ doc: 'The same as id.' }) execution_id!: string;
  @Int({ doc: 'Steps so far, all of them.' }) step_count!: number;
  @ListOf(() => StepView, {
    doc: 'The first steps, as many as a page of them holds; the rest by `GET /api/executions/{id}/steps`.',
  })
  execution_trace!: StepView[];
  @ListOf(() => SpecViolationView) spec_violations!: SpecViolationView[];
}

export class ExecutionPage {
  @ListOf(() => ExecutionView) items!: ExecutionView[];
  @Text({ optional: true, doc: 'Null on the last page.' }) next_cursor!: string | null;
}

export class ReadSteps {
  @Id() execution_id!: string;
  @Int({ optional: true, max: 2_147_483_647, doc: 'Only steps after this one; default 0.' }) after?: number;
  @Int({ optional: true, min: 1, max: 1000, doc: 'Page size, 1..1000, default 100.' }) limit?: number;
}

export class StepPage {
  @ListOf(() => StepView, {
    doc: 'Without a gap; fewer than asked for when they have more than 500 actions together.',
  })
  items!: StepView[];
  @Text({ optional: true, doc: 'The `after` of the next page; null on the last page.' }) next_cursor!: string | null;
}

/** What a run broke. */
export class SeenViolation {
  @OneOf(VIOLATION_TYPES) violation_type!: ViolationType;
  @Text({ optional: true, doc: 'The spec, or the detector.' }) policy_id!: string | null;
  @OneOf(SEVERITIES) severity!: Severity;
  @Text() sentence!: string;
  @Int({ optional: true }) step!: number | null;
  @Json({ optional: true, doc: 'Evidence, redacted.' }) details?: Record<string, unknown>;
}

/**
 * A run ended; its journal will not grow except by a rollback that people ask for, whose end is the same fact again with
 * a higher version.
 */
export class ExecutionFinished {
  @Id() execution_id!: string;
  @OneOf(EXECUTION_STATUSES) status!: ExecutionStatus;
  @Text() agent_id!: string;
  @Share() risk_score!: number;
  @Share() deception_probability!: number;
  @Nested(() => FailureView, { optional: true }) failure!: FailureView | null;
  @Int({ doc: 'The journal row that says so.' }) journal_seq!: number;
  @ListOf(() => SeenViolation, { optional: true, max: 100, doc: 'Specs and contracts it broke, the first 100.' })
  violations?: SeenViolation[];
}

export class ExecutionSubmitted {
  @Id() execution_id!: string;
  @Text() agent_id!: string;
  @Text() agent_type!: string;
  @Text() task_description!: string;
  @Int() journal_seq!: number;
}

export const execution = {
  submit: rpc('executor.execution.submit.v1', SubmitExecution, ExecutionView),
  get: rpc('executor.execution.get.v1', ExecutionRef, ExecutionResult),
  list: rpc('executor.execution.list.v1', ListExecutions, ExecutionPage),
  steps: rpc('executor.execution.steps.v1', ReadSteps, StepPage),
  pause: rpc('executor.execution.pause.v1', AskOfExecution, ExecutionView),
  resume: rpc('executor.execution.resume.v1', AskOfExecution, ExecutionView),
  cancel: rpc('executor.execution.cancel.v1', AskOfExecution, ExecutionView),
  rollback: rpc('executor.execution.rollback.v1', AskOfExecution, ExecutionView),
} as const;

export const executionSubmitted = fact('executor.execution.submitted.v1', ExecutionSubmitted);
export const executionFinished = fact('executor.execution.finished.v1', ExecutionFinished);
