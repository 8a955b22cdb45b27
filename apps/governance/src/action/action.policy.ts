import type { CallContext, governance } from '#contracts';
import { Timed } from '#service';
import { Injectable } from '@nestjs/common';
import { PolicyEngine } from '../policy/policy.engine.js';
import type { PolicyDecision } from '../policy/policy.types.js';
import { policyQuestion } from './action.rules.js';

/** What the policy in force says about an action. Never throws: whatever cannot be asked or answered is a denial. */
@Injectable()
export class ActionPolicy {
  constructor(private readonly engine: PolicyEngine) {}

  guardedBeside(paths: readonly string[]): string[] {
    return this.engine.guardedBeside(paths);
  }

  @Timed('governance.policy.decide')
  decide(ctx: CallContext, action: governance.DecideAction, approvers: number): PolicyDecision {
    const question = policyQuestion(ctx, action, approvers);
    if (question.kind === 'question') return this.engine.decide(question.request);
    return {
      decision: 'deny',
      tier_needed: null,
      determining_policies: [],
      policy_epoch: this.engine.epoch,
      // No question was put, so the action's own digest stands for the input.
      input_digest: action.digest,
      reasons: [question.reason],
    };
  }
}
