import { type CallContext, governance } from '#contracts';
import { Timed } from '#service';
import { Injectable } from '@nestjs/common';
import { KillStateWorker } from '../kill-switch/kill-state.worker.js';
import { PolicyBook } from '../policy/policy-book.js';
import type { PolicyDecision } from '../policy/policy.types.js';
import { policyQuestion } from './action.rules.js';

/** What the kill switches and the policy in force say about an action. Whatever cannot be asked or answered is a denial. */
@Injectable()
export class ActionPolicy {
  constructor(
    private readonly book: PolicyBook,
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

  /** Why a kill switch refuses an action of a run that is yet to come; null: none does. */
  refusalOf({ team }: CallContext, { agent_id, tool }: Pick<governance.DecideAction, 'agent_id' | 'tool'>) {
    const order = this.kills.against({ team, agent_id, tool, execution_id: null });
    return order && governance.refusalText(order);
  }

  guardedBeside({ team }: CallContext, paths: readonly string[]): string[] {
    return this.book.guardedBeside(team, paths);
  }

  isSensitive({ team }: CallContext, paths: readonly string[]): boolean {
    return this.book.isSensitive(team, paths);
  }

  /** @throws AppError `policy.unconfirmed`, retryable */
  @Timed('governance.policy.decide')
  decide(ctx: CallContext, action: governance.DecideAction, approvers: number): PolicyDecision {
    const order = this.kills.against({ team: ctx.team, ...action });
    if (order) return this.refuse(ctx, action, governance.refusalText(order));
    this.book.assertConfirmed(performance.now());
    const question = policyQuestion(ctx, action, approvers);
    return question.kind === 'question'
      ? this.book.decide(question.request)
      : this.refuse(ctx, action, question.reason);
  }

  /** No question was put, so the action's own digest stands for the input. */
  private refuse({ team }: CallContext, { digest }: governance.DecideAction, reason: string): PolicyDecision {
    return {
      decision: 'deny',
      tier_needed: null,
      determining_policies: [],
      policy_epoch: this.book.epochOf(team) ?? this.book.epoch,
      input_digest: digest,
      reasons: [reason],
    };
  }
}
