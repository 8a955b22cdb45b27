import { executor } from '#contracts';
import { type Heard, Hears } from '#messaging';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { OutcomeRepository } from './outcome.repository.js';
import { countsAs } from './outcome.rules.js';

@Injectable()
export class OutcomeConsumers {
  constructor(private readonly outcomes: OutcomeRepository) {}

  @Hears(executor.executionFinished)
  async executionFinished(heard: Heard<executor.ExecutionFinished>, tx: Tx): Promise<void> {
    await this.outcomes.record(tx, heard, countsAs(heard.body.status, heard.body.failure?.code ?? null));
  }
}
