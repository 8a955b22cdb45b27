/** Codes with which a vote is refused. */
export type VoteRefusal =
  | 'approval.self_approval'
  | 'approval.role_missing'
  | 'approval.already_voted'
  | 'approval.not_pending'
  | 'approval.expired'
  | 'approval.reason_required';

/** Codes with which a claim is refused. */
export type ClaimRefusal =
  'approval.expired' | 'approval.changed' | 'approval.claimed' | 'approval.denied_now' | 'approval.not_approved';

/** Sentences for people, one for each code. */
export const APPROVAL_MESSAGES: Record<VoteRefusal | ClaimRefusal, string> = {
  'approval.self_approval': 'Nobody decides about an action they asked for.',
  'approval.role_missing': 'Only a person with the role approver or admin decides about an action.',
  'approval.already_voted': 'This person has decided already; another one is needed.',
  'approval.not_pending': 'The approval is already decided.',
  'approval.expired': 'The deadline has passed, so the answer is no.',
  'approval.reason_required': 'A rejection needs a reason.',
  'approval.changed': 'The action is not the one that was approved.',
  'approval.claimed': 'The approval was used by another action.',
  'approval.denied_now': 'Policy no longer allows the action with these approvers.',
  'approval.not_approved': 'The approval was not given.',
};
