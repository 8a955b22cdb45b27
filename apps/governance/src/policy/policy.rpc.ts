import { type CallContext, governance } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { PolicyReview } from './policy.review.js';
import { PolicyService } from './policy.service.js';
import { PolicyTrials } from './policy.trials.js';

@Controller()
export class PolicyRpc implements RpcHandlers<typeof governance.policy> {
  constructor(
    private readonly policies: PolicyService,
    private readonly trials: PolicyTrials,
    private readonly review: PolicyReview,
  ) {}

  @Handles(governance.policy.list)
  async list(input: governance.ListPolicies, ctx: CallContext) {
    return this.policies.list(ctx, input);
  }

  @Handles(governance.policy.get)
  get({ policy_id }: governance.PolicyRef, ctx: CallContext) {
    return this.policies.get(ctx, policy_id);
  }

  @Handles(governance.policy.draft)
  async draft(input: governance.DraftPolicy, ctx: CallContext) {
    return this.policies.draft(ctx, input);
  }

  @Handles(governance.policy.validate)
  validate({ policy_id }: governance.PolicyRef, ctx: CallContext) {
    return this.trials.validate(ctx, policy_id);
  }

  @Handles(governance.policy.shadow)
  shadow({ policy_id }: governance.PolicyRef, ctx: CallContext) {
    return this.trials.shadow(ctx, policy_id);
  }

  @Handles(governance.policy.publish)
  publish({ policy_id }: governance.PolicyRef, ctx: CallContext) {
    return this.review.publish(ctx, policy_id);
  }

  @Handles(governance.policy.decide)
  decide(input: governance.VoteOnPolicy, ctx: CallContext) {
    return this.review.decide(ctx, input);
  }

  @Handles(governance.policy.rollback)
  rollback(input: governance.RollBackPolicy, ctx: CallContext) {
    return this.review.rollback(ctx, input);
  }
}
