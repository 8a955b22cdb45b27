import type { CallContext, governance } from '#contracts';
import { voteObstacle } from '../approval/approval.rules.js';
import { readerOf, voterView } from '../approval/approval.view.js';
import { POLICY_VOTE_MESSAGES } from './policy.errors.js';
import type { Policy, PolicyVote } from './policy.entity.js';
import { asApproval, policyTier, type Voted } from './policy-publish.rules.js';
import { flippedBy, outcomeOf } from './trial.rules.js';
import type { Replay, TrialCheck } from './trial.types.js';

const SHOWN_PROBLEMS = 200;

/** A request nobody answered in time is over, whether somebody wrote that down or not. */
const statusOf = ({ status, expires_at }: Policy, now: Date): governance.PolicyStatus =>
  status === 'awaiting_approval' && expires_at !== null && now >= expires_at ? 'expired' : status;

export const policySummary = (policy: Policy, now: Date): governance.PolicySummary => {
  const { id, files_digest, note, based_on, epoch, returns_to, author } = policy;
  return {
    ...{ id, status: statusOf(policy, now), files_digest, note, based_on, epoch, returns_to, author },
    created_at: policy.created_at.toISOString(),
    expires_at: policy.expires_at?.toISOString() ?? null,
    published_at: policy.published_at?.toISOString() ?? null,
  };
};

export const votedBy = (votes: readonly PolicyVote[]): Voted[] =>
  votes.map(({ user_id, decision }) => ({ person_id: user_id, decision }));

export const policyView = (
  policy: Policy,
  votes: readonly PolicyVote[],
  { ctx, now }: { ctx: CallContext; now: Date },
): governance.PolicyView => {
  const obstacle = voteObstacle(asApproval(policy, votedBy(votes)), readerOf(ctx), now.getTime());
  return {
    ...policySummary(policy, now),
    files: { ...policy.files },
    check: policy.trial,
    shadow: policy.shadow,
    votes: votes.map((vote) => ({
      by: voterView(vote),
      decision: vote.decision,
      reason: vote.reason,
      at: vote.at.toISOString(),
      is_void: false,
    })),
    approvers_needed: policyTier(policy) - 1,
    signature: policy.signature,
    key_id: policy.key_id,
    can_decide: obstacle === null,
    cannot_decide_because: obstacle && POLICY_VOTE_MESSAGES[obstacle],
  };
};

export const checkView = (check: TrialCheck, house_digest: string, at: Date): governance.PolicyCheck => {
  const { problems, tests_passed, tests_failed, policies, digest } = check;
  return {
    ok: problems.length === 0,
    problems: problems.slice(0, SHOWN_PROBLEMS).map(({ file, line, message }) => ({
      path: file ? `${file}:${line ?? 1}` : '',
      message: message.slice(0, 10_000),
    })),
    ...{ tests_passed, tests_failed, policies, digest, house_digest, at: at.toISOString() },
  };
};

export const shadowView = (
  replay: Replay,
  { against, duration_ms, at }: { against: number; duration_ms: number; at: Date },
): governance.PolicyShadow => ({
  against,
  ...{ replayed: replay.replayed, inexact: replay.inexact, flipped: replay.flipped, kinds: replay.kinds },
  flips: replay.flips.map((flip) => {
    const { execution_id, step, index, at: decidedAt } = flip.input;
    return {
      ...{ execution_id, step, index, at: decidedAt },
      summary: flip.summary.slice(0, 10_000),
      from: outcomeOf(flip.from),
      to: outcomeOf(flip.to),
      policies: flippedBy(flip),
      tool: flip.tool,
      from_policies: [...flip.from.determining_policies].sort(),
      to_policies: [...flip.to.determining_policies].sort(),
      reasons: flip.to.reasons,
    };
  }),
  duration_ms,
  at: at.toISOString(),
});
