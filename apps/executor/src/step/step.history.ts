import { Injectable } from '@nestjs/common';
import { ActionRepository } from '../action/action.repository.js';
import { Sealer } from '../action/sealer.js';
import type { FinishedStep } from '../driver/driver.js';
import type { Run } from '../execution/run.js';
import { Step } from './step.entity.js';
import { finishedStep } from './step.rules.js';

/** Reads back what a run has behind it. */
@Injectable()
export class StepHistory {
  constructor(
    private readonly actions: ActionRepository,
    private readonly sealer: Sealer,
  ) {}

  async of(run: Run): Promise<{ finished: FinishedStep[]; open: Step | null }> {
    const { id, team_id } = run.execution;
    return run.read(async (tx) => {
      const steps = await tx.find(Step, { where: { execution_id: id }, order: { step: 'ASC' } });
      const actions = await this.actions.ofExecution(tx, id);
      const done = steps.filter((step) => step.finished);
      return {
        open: steps.find((step) => !step.finished) ?? null,
        finished: done.map((step) =>
          finishedStep(
            step,
            actions.filter((action) => action.step === step.step),
            (sealed) => this.sealer.open(team_id, sealed),
          ),
        ),
      };
    });
  }
}
