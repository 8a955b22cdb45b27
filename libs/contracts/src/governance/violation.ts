import { Id, Instant, Int, Json, ListOf, Nested, OneOf, Text } from '../fields.js';
import { fact, rpc } from '../message.js';
import { SEVERITIES, type Severity } from '../prediction/step.js';
import { PrincipalView } from '../principal.js';

/**
 * What was broken: a spec over a trace, a policy by an action that was denied, a contract by what really changed, or what a
 * detector noticed of a run.
 */
export const VIOLATION_TYPES = ['spec', 'policy', 'contract', 'detector'] as const;
export type ViolationType = (typeof VIOLATION_TYPES)[number];

export const VIOLATION_STATUSES = ['open', 'accepted', 'fixed', 'false_alarm'] as const;
export type ViolationStatus = (typeof VIOLATION_STATUSES)[number];

export class ViolationRef {
  @Id() id!: string;
}

export class ListViolations {
  @OneOf(VIOLATION_STATUSES, { optional: true }) status?: ViolationStatus;
  @OneOf(SEVERITIES, { optional: true }) severity?: Severity;
  @OneOf(VIOLATION_TYPES, { optional: true }) violation_type?: ViolationType;
  @Id({ optional: true, doc: 'User id of whose they are.' }) owner?: string;
  @Text({ optional: true, min: 1, max: 200 }) agent_id?: string;
  @Id({ optional: true }) execution_id?: string;
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Text({ optional: true, max: 200, doc: '`next_cursor` of the page before.' }) cursor?: string;
}

export class ChangeViolation extends ViolationRef {
  @Id({ optional: true, doc: 'User id of a member; null: nobody. Absent: as it is.' }) owner?: string | null;
  @OneOf(VIOLATION_STATUSES, { optional: true, doc: 'accepted and false_alarm need a note.' }) status?: ViolationStatus;
  @Instant({ optional: true, doc: 'Null: no date. Absent: as it is.' }) due_at?: string | null;
  @Text({ optional: true, min: 1, max: 2_000, doc: 'Why, in words; kept with the change.' }) note?: string;
}

export class ViolationChange {
  @Instant() at!: string;
  @Nested(() => PrincipalView) by!: PrincipalView;
  @OneOf(VIOLATION_STATUSES) status!: ViolationStatus;
  @Id({ optional: true }) owner!: string | null;
  @Instant({ optional: true }) due_at!: string | null;
  @Text({ optional: true }) note!: string | null;
}

export class ViolationView {
  @Id() id!: string;
  @Text() agent_id!: string;
  @Text({
    optional: true,
    doc: 'The spec, the detector, or the first policy that determined it; null: none allowed it.',
  })
  policy_id!: string | null;
  @OneOf(VIOLATION_TYPES) violation_type!: ViolationType;
  @OneOf(SEVERITIES) severity!: Severity;
  @Text({ doc: 'What happened, in a sentence.' }) sentence!: string;
  @Json({ doc: 'Evidence: the action, its tool, policies, paths, steps; redacted.' }) details!: Record<string, unknown>;
  @Id() execution_id!: string;
  @Int({ optional: true, doc: 'Null: the run as a whole; 0: its submission.' }) step!: number | null;
  @Instant() occurred_at!: string;
  @OneOf(VIOLATION_STATUSES) status!: ViolationStatus;
  @Id({ optional: true, doc: 'User id.' }) owner!: string | null;
  @Instant({ optional: true }) due_at!: string | null;
  @ListOf(() => ViolationChange, { doc: 'What people changed, oldest first.' }) changes!: ViolationChange[];
}

export class ViolationPage {
  @ListOf(() => ViolationView) items!: ViolationView[];
  @Text({ optional: true, doc: 'Null on the last page.' }) next_cursor!: string | null;
}

/** A violation is in the register. */
export class ViolationRecorded {
  @Id() violation_id!: string;
  @Text() agent_id!: string;
  @OneOf(VIOLATION_TYPES) violation_type!: ViolationType;
  @OneOf(SEVERITIES) severity!: Severity;
  @Text() sentence!: string;
  @Id() execution_id!: string;
  @Int({ optional: true }) step!: number | null;
}

/** People changed whose it is, what came of it, or by when. */
export class ViolationChanged {
  @Id() violation_id!: string;
  @Text() agent_id!: string;
  @OneOf(VIOLATION_STATUSES) status!: ViolationStatus;
  @Id({ optional: true }) owner!: string | null;
  @Instant({ optional: true }) due_at!: string | null;
}

export const violation = {
  list: rpc('governance.violation.list.v1', ListViolations, ViolationPage),
  get: rpc('governance.violation.get.v1', ViolationRef, ViolationView),
  change: rpc('governance.violation.change.v1', ChangeViolation, ViolationView),
} as const;

export const violationRecorded = fact('governance.violation.recorded.v1', ViolationRecorded);
export const violationChanged = fact('governance.violation.changed.v1', ViolationChanged);
