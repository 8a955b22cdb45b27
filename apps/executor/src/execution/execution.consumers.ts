import { governance } from '#contracts';
import { type Heard, Hears } from '#messaging';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { answerText } from './approval.watch.js';
import { WorkRepository } from '../work/work.repository.js';

/** The others look by themselves within a minute. */
const MOST_WOKEN = 500;

@Injectable()
export class ExecutionConsumers {
  constructor(private readonly work: WorkRepository) {}

  /** Runs whose budget is spent look whether it still is. */
  @Hears(governance.budgetChanged)
  async budgetChanged(_heard: Heard<governance.BudgetChanged>, tx: Tx): Promise<void> {
    const paused: { id: string }[] = await tx.query(
      `SELECT id FROM execution WHERE paused_reason = 'budget' AND status = 'paused' ORDER BY id LIMIT ${MOST_WOKEN}`,
    );
    for (const { id } of paused) await this.work.wake(tx, id);
  }

  @Hears(governance.approvalDecided)
  async approvalDecided(heard: Heard<governance.ApprovalDecided>, tx: Tx): Promise<void> {
    await this.work.wake(tx, heard.body.execution_id, answerText(heard.body));
  }
}
