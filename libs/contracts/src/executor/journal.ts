import { Id, Instant, Int, ListOf, Nested, OneOf, Share, Text, Bool } from '../fields.js';
import { live, rpc } from '../message.js';
import { PrincipalView } from '../principal.js';
import { EXECUTION_STATUSES, PAUSE_REASONS, type ExecutionStatus, type PauseReason } from './execution.js';
import { FailureView, FindingView, StepView } from './step.js';

export const FRAME_TYPES = ['status_update', 'step_update', 'risk_update', 'completion'] as const;
export type FrameType = (typeof FRAME_TYPES)[number];

export class RiskView {
  @Share() risk_score!: number;
  @Share() deception_probability!: number;
}

/** One journal row as everybody sees it. It carries what the row added, never a later projection. */
export class Frame {
  @OneOf(FRAME_TYPES) type!: FrameType;
  @Id() execution_id!: string;
  @Int({ min: 1, doc: 'From 1, without gaps.' }) seq!: number;
  @Instant() at!: string;
  @Text({ doc: 'The journal kind behind it, `action.observed`.' }) kind!: string;
  @OneOf(EXECUTION_STATUSES, { optional: true }) status?: ExecutionStatus;
  @OneOf(PAUSE_REASONS, { optional: true }) paused_reason?: PauseReason | null;
  @Nested(() => StepView, { optional: true }) step?: StepView;
  @Nested(() => RiskView, { optional: true }) risk?: RiskView;
  @ListOf(() => FindingView, { optional: true }) findings?: FindingView[];
  @Share({ optional: true, doc: 'On completion.' }) risk_score?: number;
  @Share({ optional: true, doc: 'On completion.' }) deception_probability?: number;
  @Nested(() => FailureView, { optional: true }) failure?: FailureView | null;
  @Nested(() => PrincipalView, { optional: true, doc: 'Who asked for it.' }) by?: PrincipalView;
  @Text({ optional: true, doc: 'Why they asked.' }) reason?: string | null;
}

export class ReadJournal {
  @Id() execution_id!: string;
  @Int({ optional: true, max: 2_147_483_647, doc: 'Only frames after this sequence number; default 0.' })
  after?: number;
  @Int({ optional: true, min: 1, max: 1000, doc: 'At most this many, 1..1000, default 500.' }) limit?: number;
}

export class JournalPage {
  @ListOf(() => Frame) items!: Frame[];
  @Int({ doc: 'Newest sequence number there is.' }) last_seq!: number;
  @Bool({ doc: 'True when the newest frame is a completion.' }) completed!: boolean;
}

export const journal = {
  read: rpc('executor.journal.read.v1', ReadJournal, JournalPage),
} as const;

/** Tokens behind the subject: team id, execution id. */
export const journaled = live('executor.execution.journaled.v1', Frame);
