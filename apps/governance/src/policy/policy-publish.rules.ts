import type { governance } from '#contracts';
import type { ApprovalState, Who } from '../approval/approval.rules.js';
import type { Tier } from './policy.types.js';
import type { PublishRefusal } from './policy.errors.js';

type Status = governance.PolicyStatus;

export interface PolicyTransition {
  from: Status;
  to: Status;
  by: 'admin' | 'approver' | 'clock' | 'another bundle';
}

/** Every way a bundle's status may change; nothing else may change it. */
export const POLICY_TRANSITIONS: readonly PolicyTransition[] = [
  { from: 'draft', to: 'awaiting_approval', by: 'admin' },
  { from: 'awaiting_approval', to: 'published', by: 'approver' },
  { from: 'awaiting_approval', to: 'rejected', by: 'approver' },
  { from: 'awaiting_approval', to: 'expired', by: 'clock' },
  { from: 'awaiting_approval', to: 'superseded', by: 'another bundle' },
];

/** Which statuses a bundle may come from to reach this one. */
export const policySources = (to: Status): Status[] =>
  POLICY_TRANSITIONS.filter((transition) => transition.to === to).map(({ from }) => from);

/** What of a bundle decides what may become of it. */
export interface PolicyStanding {
  status: Status;
  based_on: number;
  returns_to: number | null;
  trial: Pick<governance.PolicyCheck, 'ok' | 'house_digest'> | null;
  shadow: Pick<governance.PolicyShadow, 'against'> | null;
}

/** Where it would be put in force. */
export interface InForce {
  epoch: number;
  house_digest: string;
}

/** Content that was in force before comes back with one person's yes, so that a bad bundle is gone quickly. */
export const policyTier = ({ returns_to }: Pick<PolicyStanding, 'returns_to'>): Tier => (returns_to === null ? 3 : 2);

/**
 * Why a bundle cannot be put in force now, whoever says yes; null when it can. What people approve was written from the
 * epoch in force, checked beside the shipped bundle of now, and unless it was in force before, replayed against that epoch.
 */
export function publishObstacle(policy: PolicyStanding, { epoch, house_digest }: InForce): PublishRefusal | null {
  if (policy.based_on !== epoch) return 'policy.outdated';
  if (!policy.trial?.ok || policy.trial.house_digest !== house_digest) return 'policy.not_validated';
  if (policy.returns_to === null && policy.shadow?.against !== epoch) return 'policy.not_shadowed';
  return null;
}

export interface Voted {
  person_id: string;
  decision: 'approve' | 'reject';
}

/** A bundle before people is a question like any other: the rules of approvals judge who may answer, and when it is enough. */
export const asApproval = (
  policy: PolicyStanding & {
    id: string;
    files_digest: string;
    author: Who;
    on_behalf_of: Who;
    expires_at: Date | null;
  },
  votes: readonly Voted[],
): ApprovalState => ({
  status: ({ awaiting_approval: 'pending', expired: 'expired' } as const)[policy.status as string] ?? 'rejected',
  key: `policy/${policy.id}`,
  digest: policy.files_digest,
  asked_digest: policy.files_digest,
  is_edited: false,
  tier_needed: policyTier(policy),
  requested_by: policy.author,
  on_behalf_of: policy.on_behalf_of,
  votes,
  expires_at: policy.expires_at?.getTime() ?? 0,
  claimed_key: null,
  preview: [],
});
