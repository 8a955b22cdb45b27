import type { governance, Principal } from '#contracts';
import { actionKeyText } from '#kernel';
import type { Approval } from './approval.entity.js';
import type { ApprovalState } from './approval.rules.js';
import type { Vote } from './vote.entity.js';

export const voterView = ({ user_id, name }: Pick<Vote, 'user_id' | 'name'>): Principal => ({
  kind: 'person',
  id: user_id,
  name,
});

export const approvalView = (approval: Approval, votes: readonly Vote[]): governance.ApprovalView => {
  const { agent_id, tool, arguments: args, target, risk } = approval.request;
  const { id, status, execution_id, step, index, digest } = approval;
  const { tier_needed, approvers_needed, determining_policies, policy_epoch, reasons } = approval;
  return {
    ...{ id, status, execution_id, step, index, digest },
    ...{ agent_id, tool, arguments: args, target, risk: risk ?? null },
    ...{ tier_needed, approvers_needed, determining_policies, policy_epoch, reasons },
    requested_by: approval.requested_by,
    on_behalf_of: approval.on_behalf_of,
    votes: votes
      .filter((vote) => vote.approval_id === id)
      .map((vote) => ({
        by: voterView(vote),
        decision: vote.decision,
        reason: vote.reason,
        at: vote.at.toISOString(),
      })),
    requested_at: approval.requested_at.toISOString(),
    expires_at: approval.expires_at.toISOString(),
    decided_at: approval.decided_at?.toISOString() ?? null,
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
