import { TEAM_ROLES, type TeamRole } from '../call-context.js';
import { Bool, Digest, Id, Instant, Int, Json, ListOf, Nested, OneOf, Share, Text, Texts } from '../fields.js';
import { fact, live, rpc } from '../message.js';
import { PrincipalView } from '../principal.js';
import { ChangePreview, DecideAction } from './action.js';

export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected', 'expired', 'withdrawn', 'claimed'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export class ApprovalRef {
  @Id() id!: string;
}

export class ListApprovals {
  @OneOf(APPROVAL_STATUSES, { optional: true }) status?: ApprovalStatus;
  @Id({ optional: true, doc: 'Those of one run.' }) execution_id?: string;
  @OneOf(['digest'], {
    optional: true,
    doc: '`digest`: of pending approvals of exactly the same action the oldest alone; `same_as` names the others.',
  })
  group?: 'digest';
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Text({ optional: true, max: 200 }) cursor?: string;
}

export class DecideApproval {
  @Id() id!: string;
  @OneOf(['approve', 'reject']) decision!: 'approve' | 'reject';
  @Text({ optional: true, max: 2000, doc: 'Required to reject.' }) reason?: string;
  @Digest({ optional: true, doc: 'What was looked at. Required to approve once somebody has edited the arguments.' })
  digest?: string;
}

/** An approval of other arguments than those asked for. What the reviewer wrote, and what that makes of the action. */
export class EditApproval {
  @Id() id!: string;
  @Text({ optional: true, max: 2000 }) reason?: string;
  @Digest({ doc: 'The version that was edited.' }) digest!: string;
  @Json({ doc: 'All of them, as the reviewer wrote them.' }) arguments!: Record<string, unknown>;
  @Nested(() => DecideAction, { optional: true, doc: 'The edited action; null when its run does not wait for it.' })
  request!: DecideAction | null;
}

export class Vote {
  @Nested(() => PrincipalView) by!: PrincipalView;
  @OneOf(['approve', 'reject']) decision!: 'approve' | 'reject';
  @Text({ optional: true }) reason!: string | null;
  @Instant() at!: string;
  @Bool({ doc: 'The arguments were edited after it, so it no longer counts.' }) is_void!: boolean;
}

/** What a reviewer made of the arguments, redacted on both sides. */
export class ApprovalEdit {
  @Nested(() => PrincipalView) by!: PrincipalView;
  @Json() before!: Record<string, unknown>;
  @Json() after!: Record<string, unknown>;
  @Digest() before_digest!: string;
  @Digest() after_digest!: string;
  @Instant() at!: string;
}

export class ApprovalView {
  @Id() id!: string;
  @OneOf(APPROVAL_STATUSES) status!: ApprovalStatus;
  @Id() execution_id!: string;
  @Int({ doc: '0: the run itself.' }) step!: number;
  @Int() index!: number;
  @Digest() digest!: string;
  @Text() agent_id!: string;
  @Bool({ doc: 'Its agent runs elsewhere: no hold, no sandbox, and nobody here sees or can take back what it does.' })
  runs_elsewhere!: boolean;
  @Text() tool!: string;
  @Json() arguments!: Record<string, unknown>;
  @Json() target!: Record<string, unknown>;
  @Share({ optional: true }) risk!: number | null;
  @Text({ optional: true, doc: 'What its run is to do.' }) task_description!: string | null;
  @ListOf(() => ChangePreview, {
    optional: true,
    doc: 'What it would change. Null in lists, and where the tool cannot foresee it: then the arguments say all there is.',
  })
  preview!: ChangePreview[] | null;
  @OneOf([2, 3]) tier_needed!: number;
  @Int({ doc: 'Different approvers needed in all.' }) approvers_needed!: number;
  @Texts() determining_policies!: string[];
  @Int() policy_epoch!: number;
  @Texts() reasons!: string[];
  @Nested(() => PrincipalView) requested_by!: PrincipalView;
  @Nested(() => PrincipalView) on_behalf_of!: PrincipalView;
  @ListOf(() => Vote) votes!: Vote[];
  @Nested(() => PrincipalView, { optional: true, doc: 'Whose the arguments are now; null: as they were asked for.' })
  edited_by!: PrincipalView | null;
  @ListOf(() => ApprovalEdit, { doc: 'Oldest first; empty in lists.' }) edits!: ApprovalEdit[];
  @Texts({ doc: 'Ids of other pending approvals of exactly the same action, at most 100. Each is answered by itself.' })
  same_as!: string[];
  @Instant() requested_at!: string;
  @Instant({ doc: 'An unanswered approval is a no from then on.' }) expires_at!: string;
  @Instant({ optional: true }) decided_at!: string | null;
  @Instant({ optional: true, doc: 'When admins were told that it waited for too long.' }) escalated_at!: string | null;
  @Bool({ doc: 'Whether whoever reads this may answer it now.' }) can_decide!: boolean;
  @Text({ optional: true, doc: 'Why not, in a sentence.' }) cannot_decide_because!: string | null;
}

export class ApprovalPage {
  @ListOf(() => ApprovalView) items!: ApprovalView[];
  @Text({ optional: true }) next_cursor!: string | null;
}

export class ClaimApproval {
  @Id() id!: string;
  @Nested(() => DecideAction, {
    doc: 'The action as it stands now: key, digest and what is there before it are compared, policy decides again.',
  })
  request!: DecideAction;
}

export class ApprovalClaim {
  @ListOf(() => PrincipalView) approvers!: PrincipalView[];
  @Int() policy_epoch!: number;
  @Texts({ doc: 'As in a decision, for the action as it was approved.' }) guarded!: string[];
  @Bool({ doc: 'The same.' }) sensitive!: boolean;
  @Nested(() => PrincipalView, { optional: true }) edited_by!: PrincipalView | null;
}

export class ApprovalRequested {
  @Id() approval_id!: string;
  @Id() execution_id!: string;
  @Int() step!: number;
  @Int() index!: number;
  @Digest() digest!: string;
  @Text() tool!: string;
  @Instant() expires_at!: string;
}

export class ApprovalDecided {
  @Id() approval_id!: string;
  @Id() execution_id!: string;
  @Int() step!: number;
  @Int() index!: number;
  @Digest({ optional: true, doc: 'The action that was decided about.' }) digest?: string;
  @OneOf(['approved', 'rejected', 'expired', 'withdrawn']) status!: 'approved' | 'rejected' | 'expired' | 'withdrawn';
  @ListOf(() => PrincipalView) by!: PrincipalView[];
  @Text({ optional: true }) reason!: string | null;
}

class ApprovalFact {
  @Id() approval_id!: string;
  @Id() execution_id!: string;
  @Int() step!: number;
  @Int() index!: number;
  @Digest() digest!: string;
}

export class ApprovalVoted extends ApprovalFact {
  @Nested(() => PrincipalView) by!: PrincipalView;
  @Int({ doc: 'Different people who said yes so far.' }) approvals!: number;
  @Int() approvers_needed!: number;
}

export class ApprovalEdited extends ApprovalFact {
  @Nested(() => PrincipalView) by!: PrincipalView;
  @Digest() before_digest!: string;
}

export class ApprovalEscalated extends ApprovalFact {
  @OneOf(TEAM_ROLES, { doc: 'Whom it is told to.' }) to!: TeamRole;
  @Instant() expires_at!: string;
}

export class ApprovalClaimed extends ApprovalFact {}

/** That an approval has ended, as soon as it has; the fact follows. */
export class ApprovalAnswered {
  @Text({ optional: true, doc: 'The traceparent of who answered.' }) trace?: string;
  @Id() team!: string;
  @Id() approval_id!: string;
  @Id() execution_id!: string;
  @OneOf(APPROVAL_STATUSES) status!: ApprovalStatus;
}

export const approval = {
  list: rpc('governance.approval.list.v1', ListApprovals, ApprovalPage),
  get: rpc('governance.approval.get.v1', ApprovalRef, ApprovalView),
  decide: rpc('governance.approval.decide.v1', DecideApproval, ApprovalView),
  /** A yes to edited arguments; voids every yes before it. */
  edit: rpc('governance.approval.edit.v1', EditApproval, ApprovalView),
  /**
   * Once per action key; a repeat by the same key is the same claim. Refusals are `approval.*` errors; `approval.edited`
   * names the digest of the action that was approved instead.
   */
  claim: rpc('governance.approval.claim.v1', ClaimApproval, ApprovalClaim),
} as const;

/** By team and execution. */
export const approvalAnswered = live('governance.approval.answered.v1', ApprovalAnswered);

export const approvalRequested = fact('governance.approval.requested.v1', ApprovalRequested);
export const approvalDecided = fact('governance.approval.decided.v1', ApprovalDecided);
export const approvalVoted = fact('governance.approval.voted.v1', ApprovalVoted);
export const approvalEdited = fact('governance.approval.edited.v1', ApprovalEdited);
export const approvalEscalated = fact('governance.approval.escalated.v1', ApprovalEscalated);
export const approvalClaimed = fact('governance.approval.claimed.v1', ApprovalClaimed);
