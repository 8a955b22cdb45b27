import type { executor } from '#contracts';
import { Injectable } from '@nestjs/common';
import { EXTERNAL } from '../external/external.rules.js';
import { ExternalRunner } from '../external/external.runner.js';
import type { WorkEnd } from '../work/work-source.js';
import { ExecutionRunner } from './execution.runner.js';
import type { Run } from './run.js';

/** Drives a claimed run by its driver: what runs here, and what an agent elsewhere asked about. */
@Injectable()
export class ExecutionDrive {
  constructor(
    private readonly runner: ExecutionRunner,
    private readonly external: ExternalRunner,
  ) {}

  drive(run: Run): Promise<WorkEnd> {
    if (run.execution.agent_type === EXTERNAL) return this.external.advance(run, { asks: false });
    return this.runner.drive(run);
  }

  abandon(run: Run, failure: executor.FailureView): Promise<WorkEnd> {
    return this.runner.abandon(run, failure);
  }
}
