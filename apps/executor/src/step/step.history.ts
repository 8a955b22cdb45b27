import { Injectable } from '@nestjs/common';
import { Between } from 'typeorm';
import { ActionRepository } from '../action/action.repository.js';
import { Sealer } from '../action/sealer.js';
import type { Driver, FinishedStep } from '../driver/driver.js';
import type { Run } from '../execution/run.js';
import { PlaybookService } from '../playbook/playbook.service.js';
import { Step } from './step.entity.js';
import { type ActionOutcome, finishedStep } from './step.view.js';

/** Read and opened at a time; between two pages everything else in the process gets its turn. */
const PAGE_STEPS = 500;

/** What a run in progress has behind it, as its driver sees it. */
export interface Progress {
  driver: Driver;
  finished: FinishedStep[];
}

/** Reads back where a run is, and who drives it. */
@Injectable()
export class StepHistory {
  constructor(
    private readonly actions: ActionRepository,
    private readonly sealer: Sealer,
    private readonly playbooks: PlaybookService,
  ) {}

  /** The step that was proposed and is not at its end: the newest one, or none. */
  async open(run: Run): Promise<Step | null> {
    const execution_id = run.execution.id;
    const newest = await run.read((tx) => tx.findOne(Step, { where: { execution_id }, order: { step: 'DESC' } }));
    return newest?.finished ? null : newest;
  }

  /** Of a run without an open step. */
  async of(run: Run): Promise<Progress> {
    const { id, team_id, playbook } = run.execution;
    const progress: Progress = { driver: await this.playbooks.driver(run.ctx, playbook!), finished: [] };
    const unseal = (sealed: Buffer): unknown => this.sealer.open(team_id, sealed);
    for (let after = 0; ; after += PAGE_STEPS) {
      const { steps, outcomes } = await this.page(run, id, after);
      const ofStep = Map.groupBy(outcomes, (action) => action.step);
      for (const step of steps) progress.finished.push(finishedStep(step, ofStep.get(step.step) ?? [], unseal));
      if (steps.length < PAGE_STEPS) return progress;
    }
  }

  private page(run: Run, execution_id: string, after: number): Promise<{ steps: Step[]; outcomes: ActionOutcome[] }> {
    const step = Between(after + 1, after + PAGE_STEPS);
    return run.read(async (tx) => ({
      steps: await tx.find(Step, { where: { execution_id, step }, order: { step: 'ASC' } }),
      outcomes: await this.actions.outcomes(tx, execution_id, after, PAGE_STEPS),
    }));
  }
}
