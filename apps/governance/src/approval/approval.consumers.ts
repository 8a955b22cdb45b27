import { executor } from '#contracts';
import { type Heard, Hears } from '#messaging';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { ApprovalEnding } from './approval.ending.js';

@Injectable()
export class ApprovalConsumers {
  constructor(private readonly ending: ApprovalEnding) {}

  @Hears(executor.executionFinished)
  async executionFinished(heard: Heard<executor.ExecutionFinished>, tx: Tx): Promise<void> {
    await this.ending.withdrawAll(tx, heard.body.execution_id);
  }
}
