import type { CallContext, executor } from '#contracts';
import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import { Journal } from '../journal/journal.js';
import { frameOf } from '../journal/journal.kinds.js';
import { ExecutionRepository } from './execution.repository.js';
import { isTerminal } from './execution.rules.js';
import { executionResult, executionView } from './execution.view.js';

const TRACE_STEPS = 1_000;
const PAGE = { executions: 50, steps: 100, frames: 500 };

/** What callers see of executions. */
@Injectable()
export class ExecutionService {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionRepository,
    private readonly journal: Journal,
  ) {}

  get(ctx: CallContext, id: string): Promise<executor.ExecutionResult> {
    return this.database.inTeam(ctx, async (tx) => {
      const row = await this.executions.get(tx, id);
      const { items } = await this.executions.stepViews(tx, id, 0, TRACE_STEPS);
      const inTheWay = await this.executions.inTheWayOf(tx, [row]);
      const step_count = await this.executions.stepCount(tx, id);
      return executionResult(row, { items, step_count }, inTheWay.get(id) ?? null);
    });
  }

  list(ctx: CallContext, input: executor.ListExecutions): Promise<executor.ExecutionPage> {
    const limit = input.limit ?? PAGE.executions;
    return this.database.inTeam(ctx, async (tx) => {
      const { rows, next } = await this.executions.list(tx, { ...input, limit });
      const inTheWay = await this.executions.inTheWayOf(tx, rows);
      return { items: rows.map((row) => executionView(row, inTheWay.get(row.id))), next_cursor: next };
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
}
