import { Bool, Digest, Id, Instant, Int, Json, ListOf, Nested, OneOf, Share, Text, Texts } from '../fields.js';
import { fact, rpc } from '../message.js';
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
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Text({ optional: true, max: 200 }) cursor?: string;
}

export class DecideApproval {
  @Id() id!: string;
  @OneOf(['approve', 'reject']) decision!: 'approve' | 'reject';
  @Text({ optional: true, max: 2000, doc: 'Required to reject.' }) reason?: string;
}

export class Vote {
  @Nested(() => PrincipalView) by!: PrincipalView;
  @OneOf(['approve', 'reject']) decision!: 'approve' | 'reject';
  @Text({ optional: true }) reason!: string | null;
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
  @Instant() requested_at!: string;
  @Instant({ doc: 'An unanswered approval is a no from then on.' }) expires_at!: string;
  @Instant({ optional: true }) decided_at!: string | null;
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

export const approval = {
  list: rpc('governance.approval.list.v1', ListApprovals, ApprovalPage),
  get: rpc('governance.approval.get.v1', ApprovalRef, ApprovalView),
  decide: rpc('governance.approval.decide.v1', DecideApproval, ApprovalView),
  /** Once per action key; a repeat by the same key is the same claim. Refusals are `approval.*` errors. */
  claim: rpc('governance.approval.claim.v1', ClaimApproval, ApprovalClaim),
} as const;

export const approvalRequested = fact('governance.approval.requested.v1', ApprovalRequested);
export const approvalDecided = fact('governance.approval.decided.v1', ApprovalDecided);
