import { AppError } from '#kernel';

/** Codes with which a vote is refused. */
export type VoteRefusal =
  | 'approval.self_approval'
  | 'approval.role_missing'
  | 'approval.already_voted'
  | 'approval.not_pending'
  | 'approval.expired'
  | 'approval.edited'
  | 'approval.reason_required';

/** Codes with which an edit is refused. */
export type EditRefusal =
  VoteRefusal | 'approval.not_editable' | 'approval.changed' | 'approval.unchanged' | 'approval.edit_denied';

/** Codes with which a claim is refused. */
export type ClaimRefusal =
  | 'approval.pending'
  | 'approval.rejected'
  | 'approval.expired'
  | 'approval.withdrawn'
  | 'approval.changed'
  | 'approval.edited'
  | 'approval.content_changed'
  | 'approval.claimed'
  | 'approval.denied_now';

type AnyRefusal = VoteRefusal | EditRefusal | ClaimRefusal;

/** Sentences for people, one for each code. */
export const APPROVAL_MESSAGES: Record<AnyRefusal, string> = {
  'approval.self_approval':
    'Nobody decides about an action they asked for. Somebody else with the role approver has to decide; an admin can add one, or the run can be cancelled.',
  'approval.role_missing': 'Only a person with the role approver or admin decides about an action.',
  'approval.already_voted': 'This person has decided already; another one is needed.',
  'approval.not_pending': 'The approval is already decided.',
  'approval.expired': 'The deadline has passed, so the answer is no.',
  'approval.edited': 'The arguments were edited meanwhile; look at them as they are now.',
  'approval.reason_required': 'A rejection needs a reason.',
  'approval.not_editable': 'The arguments cannot be edited: only those of an action that its run waits for can.',
  'approval.unchanged': 'The edited arguments are those that are there already.',
  'approval.edit_denied': 'Policy does not allow the edited action with as many approvers as this one needs.',
  'approval.pending': 'The approval is not decided yet.',
  'approval.rejected': 'The approval was rejected.',
  'approval.withdrawn': 'The approval was withdrawn.',
  'approval.changed': 'The action is not the one that was put to people.',
  'approval.content_changed': 'What the action would change is no longer as it was when people were asked.',
  'approval.claimed': 'The approval was used by another action.',
  'approval.denied_now': 'Policy no longer allows the action with these approvers.',
};

export interface Refusal<C extends AnyRefusal = AnyRefusal> {
  code: C;
  /** What is said instead of the code's own sentence, where that would not be true. */
  sentence?: string;
  /** Of `approval.content_changed`: what changed, relative to the workspace. */
  path?: string;
  /** Of `approval.edited`: the digest of the action as it is now. */
  digest?: string;
  /** Of `approval.edit_denied`: what policy says about it. */
  reasons?: string[];
}

export const approvalRefused = ({ code, sentence, path, digest, reasons = [] }: Refusal): AppError => {
  const changed = `${JSON.stringify(path)} has changed since people were asked, so their approval does not cover this action.`;
  const message = path === undefined ? [sentence ?? APPROVAL_MESSAGES[code], ...reasons].join(' ') : changed;
  return new AppError(code, message, {
    ...(path !== undefined && { details: { path } }),
    ...(digest !== undefined && { details: { digest } }),
    ...(code === 'approval.reason_required' && {
      details: { errors: [{ path: '/reason', message: 'must say why when the decision is reject' }] },
    }),
  });
};

export const approvalNotFound = (): AppError => new AppError('approval.not_found', 'There is no such approval.');
