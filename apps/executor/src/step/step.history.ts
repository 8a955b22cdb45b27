import { Injectable } from '@nestjs/common';
import { ActionRepository } from '../action/action.repository.js';
import { Sealer } from '../action/sealer.js';
import type { Driver, FinishedStep } from '../driver/driver.js';
import type { Run } from '../execution/run.js';
import { PlaybookService } from '../playbook/playbook.service.js';
import { Step } from './step.entity.js';
import { finishedStep } from './step.rules.js';

/** What a run in progress has behind it, as its driver sees it. */
export interface Progress {
  driver: Driver;
  finished: FinishedStep[];
  /** Proposed and not at its end. */
  open: Step | null;
}

/** Reads back where a run is, and who drives it. */
@Injectable()
export class StepHistory {
  constructor(
    private readonly actions: ActionRepository,
    private readonly sealer: Sealer,
    private readonly playbooks: PlaybookService,
  ) {}

  async of(run: Run): Promise<Progress> {
    const { id, team_id, playbook } = run.execution;
    const driver = await this.playbooks.driver(run.ctx, playbook!);
    return run.read(async (tx) => {
      const steps = await tx.find(Step, { where: { execution_id: id }, order: { step: 'ASC' } });
      const actions = Map.groupBy(await this.actions.ofExecution(tx, id), (action) => action.step);
      const unseal = (sealed: Buffer): unknown => this.sealer.open(team_id, sealed);
      return {
        driver,
        open: steps.find((step) => !step.finished) ?? null,
        finished: steps
          .filter((step) => step.finished)
          .map((step) => finishedStep(step, actions.get(step.step) ?? [], unseal)),
      };
    });
  }
}
