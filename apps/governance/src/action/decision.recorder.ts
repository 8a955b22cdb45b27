import type { CallContext, governance } from '#contracts';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { PolicyInputRepository } from '../policy/policy-input.repository.js';
import type { PolicyDecision } from '../policy/policy.types.js';
import { ViolationRepository } from '../violation/violation.repository.js';
import { deniedViolation } from '../violation/violation.rules.js';
import { policyQuestion } from './action.rules.js';

/** What is kept of a decision that did not simply allow. */
@Injectable()
export class DecisionRecorder {
  constructor(
    private readonly inputs: PolicyInputRepository,
    private readonly violations: ViolationRepository,
  ) {}

  /** For shadow replay. What could not be put to policy has no input. */
  async input(tx: Tx, ctx: CallContext, action: governance.DecideAction, decided: PolicyDecision): Promise<void> {
    const question = policyQuestion(ctx, action, 0);
    if (question.kind === 'impossible') return;
    const { execution_id, step, index } = action;
    const { request } = question;
    await this.inputs.record(tx, { team: ctx.team, execution_id, step, index, request, inexact: false, decided });
  }

  violation(
    tx: Tx,
    ctx: CallContext,
    action: governance.DecideAction,
    answer: governance.ActionDecision,
  ): Promise<void> {
    return this.violations.record(tx, ctx, deniedViolation(action, answer));
  }
}
