import { governance } from '#contracts';
import { type Heard, Hears } from '#messaging';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { WorkRepository } from '../work/work.repository.js';

@Injectable()
export class ExecutionConsumers {
  constructor(private readonly work: WorkRepository) {}

  @Hears(governance.approvalDecided)
  async approvalDecided(heard: Heard<governance.ApprovalDecided>, tx: Tx): Promise<void> {
    await this.work.wake(tx, heard.body.execution_id);
  }
}
