import { type CallContext, executor } from '#contracts';
import { type Heard, Hears } from '#messaging';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { ApprovalChanges } from '../approval/approval.changes.js';
import { BudgetRepository } from '../budget/budget.repository.js';
import { ViolationRepository } from '../violation/violation.repository.js';
import { endedViolations } from '../violation/violation.rules.js';

/** What the end of a run means here: nobody needs to answer for it, nothing is reserved, what it broke is registered. */
@Injectable()
export class RunConsumers {
  constructor(
    private readonly approvals: ApprovalChanges,
    private readonly budgets: BudgetRepository,
    private readonly violations: ViolationRepository,
  ) {}

  @Hears(executor.executionFinished)
  async executionFinished(heard: Heard<executor.ExecutionFinished>, tx: Tx, ctx: CallContext): Promise<void> {
    await this.approvals.withdrawAll(tx, heard.body.execution_id);
    await this.budgets.settleRest(tx, heard.body.execution_id);
    for (const noticed of endedViolations(heard.body)) await this.violations.record(tx, ctx, noticed, heard.at);
  }
}
