import { type CallContext, governance } from '#contracts';
import { Timed } from '#service';
import { Injectable } from '@nestjs/common';
import { KillStateWorker } from '../kill-switch/kill-state.worker.js';
import { PolicyEngine } from '../policy/policy.engine.js';
import type { PolicyDecision } from '../policy/policy.types.js';
import { policyQuestion } from './action.rules.js';

/**
 * What the kill switches and the policy in force say about an action. Never throws: whatever cannot be asked or answered
 * is a denial.
 */
@Injectable()
export class ActionPolicy {
  constructor(
    private readonly engine: PolicyEngine,
    private readonly kills: KillStateWorker,
  ) {}

  /** @throws AppError `kill_switch.unknown`, retryable */
  fresh(): Promise<void> {
    return this.kills.fresh();
  }

  /** Whether a kill switch, and not policy, is what denies it. */
  isKilled(ctx: CallContext, action: governance.DecideAction): boolean {
    return this.kills.against({ team: ctx.team, ...action }) !== null;
  }

  guardedBeside(paths: readonly string[]): string[] {
    return this.engine.guardedBeside(paths);
  }

  @Timed('governance.policy.decide')
  decide(ctx: CallContext, action: governance.DecideAction, approvers: number): PolicyDecision {
    const order = this.kills.against({ team: ctx.team, ...action });
    if (order) return this.refuse(action, governance.refusalText(order));
    const question = policyQuestion(ctx, action, approvers);
    return question.kind === 'question' ? this.engine.decide(question.request) : this.refuse(action, question.reason);
  }

  /** No question was put, so the action's own digest stands for the input. */
  private refuse({ digest }: governance.DecideAction, reason: string): PolicyDecision {
    return {
      decision: 'deny',
      tier_needed: null,
      determining_policies: [],
      policy_epoch: this.engine.epoch,
      input_digest: digest,
      reasons: [reason],
    };
  }
}
