import type { CallContext, governance, Principal } from '#contracts';
import { actionKeyText } from '#kernel';
import type { Approval } from './approval.entity.js';
import { APPROVAL_MESSAGES } from './approval.errors.js';
import { type ApprovalState, type Reader, voteObstacle } from './approval.rules.js';
import type { Vote } from './vote.entity.js';

export const voterView = ({ user_id, name }: Pick<Vote, 'user_id' | 'name'>): Principal => ({
  kind: 'person',
  id: user_id,
  name,
});

/** Who looks, and when, on the database's clock. */
export interface Look {
  reader: Reader;
  now: Date;
}

export const readerOf = ({ principal, on_behalf_of, roles }: CallContext): Reader => ({
  ...principal,
  on_behalf_of,
  roles,
});

/** One approval with everything that is known of it. */
export const approvalView = (approval: Approval, votes: readonly Vote[], look: Look): governance.ApprovalView => ({
  ...approvalSummary(approval, votes, look),
  preview: approval.request.preview ?? null,
});

/** One approval among others: without the preview, so that a page of them stays a message. */
export const approvalSummary = (
  approval: Approval,
  allVotes: readonly Vote[],
  { reader, now }: Look,
): governance.ApprovalView => {
  const { agent_id, tool, arguments: args, target, risk, task } = approval.request;
  const { id, status, execution_id, step, index, digest } = approval;
  const { tier_needed, approvers_needed, determining_policies, policy_epoch, reasons } = approval;
  const votes = allVotes.filter((vote) => vote.approval_id === id);
  const obstacle = voteObstacle(approvalState(approval, votes), reader, now.getTime());
  return {
    ...{ id, status, execution_id, step, index, digest },
    ...{ agent_id, tool, arguments: args, target, risk: risk ?? null },
    ...{ tier_needed, approvers_needed, determining_policies, policy_epoch, reasons },
    task_description: task ?? null,
    preview: null,
    requested_by: approval.requested_by,
    on_behalf_of: approval.on_behalf_of,
    votes: votes.map((vote) => ({
      by: voterView(vote),
      decision: vote.decision,
      reason: vote.reason,
      at: vote.at.toISOString(),
    })),
    requested_at: approval.requested_at.toISOString(),
    expires_at: approval.expires_at.toISOString(),
    decided_at: approval.decided_at?.toISOString() ?? null,
    can_decide: obstacle === null,
    cannot_decide_because: obstacle && APPROVAL_MESSAGES[obstacle],
  };
};

/** What the rules need to know of a row and its votes. */
export const approvalState = (approval: Approval, votes: readonly Vote[]): ApprovalState => {
  const key = actionKeyText(approval);
  return {
    status: approval.status,
    key,
    digest: approval.digest,
    tier_needed: approval.tier_needed,
    requested_by: approval.requested_by,
    on_behalf_of: approval.on_behalf_of,
    votes: votes.map(({ user_id, decision }) => ({ person_id: user_id, decision })),
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
