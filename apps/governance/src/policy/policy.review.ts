import type { CallContext, governance } from '#contracts';
import { Database, earlierAnswer, once, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { approversOf, judgeVote, stillApprovers } from '../approval/approval.rules.js';
import { readerOf, voterView } from '../approval/approval.view.js';
import type { VoteRefusal } from '../approval/approval.errors.js';
import { MemberRepository } from '../member/member.repository.js';
import type { Policy, PolicyVote } from './policy.entity.js';
import { bundleInvalid, publishRefused, type PublishRefusal, voteRefused } from './policy.errors.js';
import { asApproval, publishObstacle } from './policy-publish.rules.js';
import { PolicyRelease } from './policy.release.js';
import { PolicyRepository } from './policy.repository.js';
import { PolicyService } from './policy.service.js';
import { PolicyTrials } from './policy.trials.js';
import { votedBy } from './policy.view.js';

/** A refusal may have written something (that the deadline has passed), so it leaves the transaction as a value. */
type Outcome = { ok: governance.PolicyView } | { refused: VoteRefusal };

/** From a draft to what is in force: trial, people, release. What is in force for a team changes under its lock alone. */
@Injectable()
export class PolicyReview {
  constructor(
    private readonly database: Database,
    private readonly policies: PolicyRepository,
    private readonly release: PolicyRelease,
    private readonly service: PolicyService,
    private readonly trials: PolicyTrials,
    private readonly members: MemberRepository,
  ) {}

  /**
   * Puts a draft before people.
   * @throws AppError `policy.not_found`, every PublishRefusal
   */
  publish(ctx: CallContext, id: string): Promise<governance.PolicyView> {
    return this.database.inTeam(ctx, async (tx) => {
      await this.policies.lockTeam(tx, ctx);
      const policy = await this.policies.get(tx, id);
      const obstacle = policy.status === 'draft' ? await this.obstacle(tx, policy) : 'policy.not_draft';
      // Asked again by somebody who got no answer, it is what they asked for.
      if (policy.status !== 'awaiting_approval') {
        if (obstacle) throw publishRefused(obstacle);
        await this.policies.submit(tx, id);
      }
      return this.service.view(tx, ctx, await this.policies.get(tx, id));
    });
  }

  /**
   * One person's word. The one that completes the approval puts the bundle in force.
   * @throws AppError `policy.not_found`, every VoteRefusal and PublishRefusal
   */
  async decide(ctx: CallContext, input: governance.VoteOnPolicy): Promise<governance.PolicyView> {
    const reason = input.reason?.trim().toWellFormed() || null;
    const outcome = await this.database.inTeam(ctx, async (tx): Promise<Outcome> => {
      await this.policies.lockTeam(tx, ctx);
      const earlier = await earlierAnswer<governance.PolicyView>(tx, ctx, input);
      if (earlier) return { ok: earlier };
      const policy = await this.policies.get(tx, input.policy_id);
      const votes = await this.counted(tx, policy);
      const voter = { ...readerOf(ctx), decision: input.decision, reason };
      const now = (await this.policies.now(tx)).getTime();
      const judged = judgeVote({ approval: asApproval(policy, votedBy(votes)), voter, now });
      if (judged.kind === 'refused') {
        if (judged.code === 'approval.expired') await this.policies.end(tx, policy.id, 'expired');
        return { refused: judged.code };
      }
      const counted = once(tx, ctx, input, async () => {
        await this.count(tx, ctx, policy, { votes, status: judged.status, decision: input.decision, reason });
        return this.service.view(tx, ctx, await this.policies.get(tx, policy.id));
      });
      return { ok: await counted };
    });
    if ('refused' in outcome) throw voteRefused(outcome.refused);
    return outcome.ok;
  }

  /**
   * Asks for the content of a bundle that was in force.
   * @throws AppError `policy.not_found`, `policy.not_published`, `policy.in_force`; `policy.bundle_invalid` when it can no
   * longer stand beside the shipped bundle; `policy.busy`
   */
  async rollback(ctx: CallContext, input: governance.RollBackPolicy): Promise<governance.PolicyView> {
    const { policy: old, standing } = await this.database.inTeam(ctx, async (tx) => ({
      policy: await this.policies.get(tx, input.policy_id),
      standing: await this.release.standing(tx),
    }));
    if (old.status !== 'published') throw publishRefused('policy.not_published');
    if (old.epoch === standing.epoch) throw publishRefused('policy.in_force');
    const trial = await this.trials.check(old.files);
    if (!trial.ok) {
      throw bundleInvalid(
        trial.problems.map(({ path, message }) => ({ message: path ? `${path}: ${message}` : message })),
      );
    }
    return this.database.inTeam(ctx, (tx) =>
      once(tx, ctx, input, async () => {
        await this.policies.lockTeam(tx, ctx);
        const { epoch: based_on } = await this.release.standing(tx);
        const { files, epoch: returns_to } = old;
        const asked = { files, note: input.reason.trim(), based_on, returns_to, trial };
        return this.service.view(tx, ctx, await this.policies.ask(tx, ctx, asked));
      }),
    );
  }

  private async obstacle(tx: Tx, policy: Policy): Promise<PublishRefusal | null> {
    return publishObstacle(policy, await this.release.standing(tx));
  }

  /** Every no, and the yes of those who may still say it. */
  private async counted(tx: Tx, policy: Policy): Promise<PolicyVote[]> {
    const votes = await this.policies.votes(tx, policy.id);
    const approvers = approversOf({ votes: votedBy(votes) });
    const valid = stillApprovers(approvers, await this.members.known(tx, approvers));
    return votes.filter(({ user_id, decision }) => decision === 'reject' || valid.includes(user_id));
  }

  private async count(
    tx: Tx,
    ctx: CallContext,
    policy: Policy,
    said: { votes: PolicyVote[]; status: string } & Pick<PolicyVote, 'decision' | 'reason'>,
  ): Promise<void> {
    const { decision, reason } = said;
    const { id: user_id, name } = ctx.principal;
    const vote = { policy_id: policy.id, user_id, team_id: policy.team_id, name, decision, reason };
    await this.policies.addVote(tx, vote);
    if (said.status === 'rejected') await this.policies.end(tx, policy.id, 'rejected');
    if (said.status !== 'approved') return;
    const obstacle = await this.obstacle(tx, policy);
    if (obstacle) throw publishRefused(obstacle);
    const approvers = [...said.votes, vote].filter((one) => one.decision === 'approve').map(voterView);
    await this.release.publish(tx, ctx, policy, approvers);
  }
}
