import { AppError } from '#kernel';
import type { VoteRefusal } from '../approval/approval.errors.js';
import type { Place } from './policy.types.js';

export interface BundleProblem extends Partial<Place> {
  message: string;
}

const located = ({ file, line, message }: BundleProblem): string =>
  file ? `${file}:${line ?? 1}: ${message}` : message;

/** A bundle that may not decide anything. `details.errors[].path` is `<file>:<line>`. */
export const bundleInvalid = (problems: BundleProblem[], cause?: unknown): AppError =>
  new AppError('policy.bundle_invalid', `policy bundle refused: ${problems.map(located).join('; ')}`, {
    details: {
      errors: problems.map(({ file, line, message }) => ({ path: file ? `${file}:${line ?? 1}` : '', message })),
    },
    cause,
  });

/** Codes with which a bundle is kept from being put in force. */
export type PublishRefusal =
  | 'policy.not_draft'
  | 'policy.outdated'
  | 'policy.not_validated'
  | 'policy.not_shadowed'
  | 'policy.not_published'
  | 'policy.in_force';

const PUBLISH_MESSAGES: Record<PublishRefusal, string> = {
  'policy.not_draft': 'Only a draft can be put before people.',
  'policy.outdated': 'Another bundle came into force since this one was written; write it again from that one.',
  'policy.not_validated': 'It has to be validated, beside the shipped policies of now, and without a problem.',
  'policy.not_shadowed': 'It has to be replayed against the epoch in force, so that people see what it would change.',
  'policy.not_published': 'Only a bundle that was in force can come back.',
  'policy.in_force': 'Its content is in force.',
};

export const publishRefused = (code: PublishRefusal): AppError => new AppError(code, PUBLISH_MESSAGES[code]);

/** The rules are those of approvals, and so are the codes; the sentences speak of policies. */
export const POLICY_VOTE_MESSAGES: Record<VoteRefusal, string> = {
  'approval.self_approval':
    'Nobody approves the policies they wrote; somebody else with the role approver or admin has to.',
  'approval.role_missing': 'Only a person with the role approver or admin decides about policies.',
  'approval.already_voted': 'This person has decided already; another one is needed.',
  'approval.not_pending': 'Nobody is asked about it: it is not awaiting approval.',
  'approval.expired': 'The deadline has passed, so the answer is no; it can be written and asked for again.',
  'approval.edited': 'It was written anew meanwhile; look at it as it is now.',
  'approval.reason_required': 'A rejection needs a reason.',
};

export const voteRefused = (code: VoteRefusal): AppError => new AppError(code, POLICY_VOTE_MESSAGES[code]);

export const policyNotFound = (): AppError => new AppError('policy.not_found', 'There are no such policies.');
