import { type CallContext, governance, type Principal } from '#contracts';
import { actionKeyText } from '#kernel';
import type { ApprovalEdit } from './approval-edit.entity.js';
import type { Approval } from './approval.entity.js';
import { APPROVAL_MESSAGES } from './approval.errors.js';
import { type ApprovalState, type Reader, voteObstacle } from './approval.rules.js';
import type { Vote } from './vote.entity.js';

export const voterView = ({ user_id, name }: Pick<Vote, 'user_id' | 'name'>): Principal => ({
  kind: 'person',
  id: user_id,
  name,
});

/** Of identical approvals so many are named, so that a page of them stays a message. */
export const MOST_SAME = 100;

/** Who looks, and when, on the database's clock. */
export interface Look {
  reader: Reader;
  now: Date;
}

/** What belongs to approvals, of as many as are looked at. */
export interface Belongings {
  /** Oldest first. */
  votes: readonly Vote[];
  /** Oldest first. */
  edits: readonly ApprovalEdit[];
  /** Digest -> ids of the pending approvals of exactly this action. */
  pending: ReadonlyMap<string, readonly string[]>;
}

export const readerOf = ({ principal, on_behalf_of, roles }: CallContext): Reader => ({
  ...principal,
  on_behalf_of,
  roles,
});

/** One approval with everything that is known of it. */
export const approvalView = (approval: Approval, parts: Belongings, look: Look): governance.ApprovalView => ({
  ...approvalSummary(approval, parts, look),
  preview: approval.request.preview ?? null,
  edits: parts.edits.map(({ before, after, before_digest, after_digest, at, ...who }) => ({
    by: voterView(who),
    before,
    after,
    before_digest,
    after_digest,
    at: at.toISOString(),
  })),
});

/** One approval among others: without the preview and the edits, so that a page of them stays a message. */
export const approvalSummary = (
  approval: Approval,
  parts: Belongings,
  { reader, now }: Look,
): governance.ApprovalView => {
  const { agent_id, agent_version, tool, arguments: args, target, risk, task } = approval.request;
  const { id, status, execution_id, step, index, digest } = approval;
  const { tier_needed, approvers_needed, determining_policies, policy_epoch, reasons } = approval;
  const votes = parts.votes.filter((vote) => vote.approval_id === id);
  const editor = parts.edits.findLast((edit) => edit.approval_id === id);
  const same = status === 'pending' ? (parts.pending.get(digest) ?? []) : [];
  const obstacle = voteObstacle(approvalState(approval, votes), reader, now.getTime());
  return {
    ...{ id, status, execution_id, step, index, digest },
    runs_elsewhere: agent_version === governance.EXTERNAL,
    ...{ agent_id, tool, arguments: args, target, risk: risk ?? null },
    ...{ tier_needed, approvers_needed, determining_policies, policy_epoch, reasons },
    task_description: task ?? null,
    preview: null,
    edits: [],
    edited_by: editor ? voterView(editor) : null,
    same_as: same.filter((other) => other !== id).slice(0, MOST_SAME),
    requested_by: approval.requested_by,
    on_behalf_of: approval.on_behalf_of,
    votes: votes.map((vote) => ({
      by: voterView(vote),
      decision: vote.decision,
      reason: vote.reason,
      at: vote.at.toISOString(),
      is_void: vote.version < approval.version,
    })),
    requested_at: approval.requested_at.toISOString(),
    expires_at: approval.expires_at.toISOString(),
    decided_at: approval.decided_at?.toISOString() ?? null,
    escalated_at: approval.escalated_at?.toISOString() ?? null,
    can_decide: obstacle === null,
    cannot_decide_because: obstacle && APPROVAL_MESSAGES[obstacle],
  };
};

/** The votes that still count: those about the arguments as they are now. */
export const countedVotes = <V extends Pick<Vote, 'version'>>({ version }: Approval, votes: readonly V[]): V[] =>
  votes.filter((vote) => vote.version === version);

/** What the rules need to know of a row and its votes. */
export const approvalState = (approval: Approval, votes: readonly Vote[]): ApprovalState => {
  const key = actionKeyText(approval);
  return {
    status: approval.status,
    key,
    digest: approval.digest,
    asked_digest: approval.asked_digest,
    is_edited: approval.version > 0,
    tier_needed: approval.tier_needed,
    requested_by: approval.requested_by,
    on_behalf_of: approval.on_behalf_of,
    votes: countedVotes(approval, votes).map(({ user_id, decision }) => ({ person_id: user_id, decision })),
    expires_at: approval.expires_at.getTime(),
    // A row belongs to one action key, so nobody else can have claimed it.
    claimed_key: approval.status === 'claimed' ? key : null,
    preview: approval.request.preview ?? [],
  };
};

/** What the facts of an approval have in common. */
export const approvalFact = ({ id, execution_id, step, index, digest }: Approval) => ({
  approval_id: id,
  execution_id,
  step,
  index,
  digest,
});
