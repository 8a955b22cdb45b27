import type { CallContext, executor } from '#contracts';
import { Database, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { visible } from '../action/visible.rules.js';
import { Journal } from '../journal/journal.js';
import { WorkRepository } from '../work/work.repository.js';
import type { Execution } from './execution.entity.js';
import { beyondYourBudget, requestRefused } from './execution.errors.js';
import { ExecutionRepository } from './execution.repository.js';
import { isTerminal, judgeRequest } from './execution.rules.js';
import { executionView } from './execution.view.js';
import { changeOf, isBeyond } from './request.rules.js';

/** Whoever may raise the limits of budgets may let one run go beyond them. */
const mayOverrun = ({ roles }: CallContext): boolean => roles.includes('admin');

interface Asked {
  request: executor.ExecutionRequest;
  reason: string | undefined;
  stopped: executor.FailureView | null;
}

/** What people ask of a run that exists: to pause, to go on, to end, to be rolled back. Carrying it out is the worker's. */
@Injectable()
export class RequestService {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionRepository,
    private readonly journal: Journal,
    private readonly work: WorkRepository,
  ) {}

  /**
   * Writes down who asked for what and why, and wakes the run; asked again, nothing changes. `stopped`: the failure of a
   * run that is cancelled because a kill switch asks for it.
   * @throws AppError `execution.not_found`, `budget.beyond_yours` and whatever `judgeRequest` refuses with
   */
  ask(
    ctx: CallContext,
    request: executor.ExecutionRequest,
    { execution_id, reason }: executor.AskOfExecution,
    stopped: executor.FailureView | null = null,
  ): Promise<executor.ExecutionView> {
    return this.database.inTeam(ctx, async (tx) => {
      const row = await this.executions.lock(tx, execution_id);
      const judged = judgeRequest(request, row);
      switch (judged.kind) {
        case 'refused':
          throw requestRefused(judged.why);
        case 'repeated':
          return this.view(tx, row);
        case 'taken':
          if (request === 'resume' && isBeyond(row, mayOverrun(ctx))) throw beyondYourBudget();
          return this.view(tx, await this.take(tx, ctx, { request, reason, stopped }, row));
      }
    });
  }

  private async take(
    tx: Tx,
    ctx: CallContext,
    { request, reason, stopped }: Asked,
    row: Execution,
  ): Promise<Execution> {
    const { kind, patch, ...told } = changeOf(request, row, mayOverrun(ctx));
    const body = { ...told, by: ctx.principal, reason: visible(reason ?? null) };
    const asked = await this.journal.append(
      tx,
      { team: ctx.team, execution_id: row.id, epoch: null },
      [{ kind, body }],
      { ...patch, ...(stopped && { stopped }) },
    );
    if (!isTerminal(row.status)) {
      await this.work.wake(tx, row.id);
      return asked;
    }
    await tx.query(`UPDATE execution SET finished_at = NULL WHERE id = $1`, [row.id]);
    await this.work.reopen(tx, row.id);
    return { ...asked, finished_at: null };
  }

  private async view(tx: Tx, row: Execution): Promise<executor.ExecutionView> {
    const inTheWay = await this.executions.inTheWayOf(tx, [row]);
    return executionView(row, inTheWay.get(row.id));
  }
}
