import type { CallContext, executor } from '#contracts';
import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import { Journal } from '../journal/journal.js';
import { frameOf } from '../journal/journal.kinds.js';
import { WorkRepository } from '../work/work.repository.js';
import { alreadyEnded } from './execution.errors.js';
import { ExecutionRepository } from './execution.repository.js';
import { isTerminal } from './execution.rules.js';
import { executionResult, executionView } from './execution.view.js';

const TRACE_STEPS = 1_000;
const PAGE = { executions: 50, steps: 100, frames: 500 };

/** What callers do with executions that exist: look at them and cancel them. Driving them is the worker's. */
@Injectable()
export class ExecutionService {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionRepository,
    private readonly journal: Journal,
    private readonly work: WorkRepository,
  ) {}

  get(ctx: CallContext, id: string): Promise<executor.ExecutionResult> {
    return this.database.inTeam(ctx, async (tx) => {
      const row = await this.executions.get(tx, id);
      const { items } = await this.executions.stepViews(tx, id, 0, TRACE_STEPS);
      return executionResult(row, items);
    });
  }

  list(ctx: CallContext, input: executor.ListExecutions): Promise<executor.ExecutionPage> {
    const limit = input.limit ?? PAGE.executions;
    return this.database.inTeam(ctx, async (tx) => {
      const rows = await this.executions.list(tx, { limit: limit + 1, before: input.cursor, status: input.status });
      const items = rows.slice(0, limit).map(executionView);
      return { items, next_cursor: rows.length > limit ? items.at(-1)!.id : null };
    });
  }

  steps(ctx: CallContext, input: executor.ReadSteps): Promise<executor.StepPage> {
    const limit = input.limit ?? PAGE.steps;
    return this.database.inTeam(ctx, async (tx) => {
      await this.executions.get(tx, input.execution_id);
      const { items, more } = await this.executions.stepViews(tx, input.execution_id, input.after ?? 0, limit);
      return { items, next_cursor: more ? String(items.at(-1)!.step) : null };
    });
  }

  frames(ctx: CallContext, input: executor.ReadJournal): Promise<executor.JournalPage> {
    return this.database.inTeam(ctx, async (tx) => {
      const row = await this.executions.get(tx, input.execution_id);
      const rows = await this.journal.read(tx, input.execution_id, input.after ?? 0, input.limit ?? PAGE.frames);
      return { items: rows.map(frameOf), last_seq: row.last_seq, completed: isTerminal(row.status) };
    });
  }

  /** Asks the run to end; what is under way is stopped and undone, what was kept stays. */
  cancel(ctx: CallContext, id: string): Promise<executor.ExecutionView> {
    return this.database.inTeam(ctx, async (tx) => {
      const row = await this.executions.lock(tx, id);
      if (isTerminal(row.status)) throw alreadyEnded();
      if (row.cancel_requested) return executionView(row);
      const cancelled = await this.journal.append(
        tx,
        { team: ctx.team, execution_id: id, epoch: null },
        [{ kind: 'execution.cancel_requested', body: { status: row.status } }],
        { cancel_requested: true },
      );
      await this.work.wake(tx, id);
      return executionView(cancelled);
    });
  }
}
