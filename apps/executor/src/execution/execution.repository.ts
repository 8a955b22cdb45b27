import type { executor } from '#contracts';
import { isUuid } from '#kernel';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { Between, type FindOptionsSelect, LessThan } from 'typeorm';
import { Action } from '../action/action.entity.js';
import { Step } from '../step/step.entity.js';
import { stepsOnPage } from '../step/step-page.rules.js';
import { stepView } from '../step/step.view.js';
import { Execution } from './execution.entity.js';
import { cursorInvalid, executionNotFound } from './execution.errors.js';

/** Actions on one page of steps: about 1 MB, and with the longest texts that are shown still one message of the bus. */
const PAGE_ACTIONS = 500;

@Injectable()
export class ExecutionRepository {
  /** @throws AppError `execution.not_found` */
  async get(tx: Tx, id: string): Promise<Execution> {
    const found = await tx.findOneBy(Execution, { id });
    if (!found) throw executionNotFound();
    return found;
  }

  /**
   * The row as it is and stays until the transaction ends.
   * @throws AppError `execution.not_found`
   */
  async lock(tx: Tx, id: string): Promise<Execution> {
    const found = await tx.findOne(Execution, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!found) throw executionNotFound();
    return found;
  }

  /**
   * Newest first; `before` is the last id of the page before.
   * @throws AppError `input.invalid` for a cursor that is none
   */
  async list(
    tx: Tx,
    page: { limit: number; before?: string; status?: executor.ExecutionStatus },
  ): Promise<Execution[]> {
    if (page.before && !isUuid(page.before)) throw cursorInvalid();
    return tx.find(Execution, {
      where: {
        ...(page.before && { id: LessThan(page.before) }),
        ...(page.status && { status: page.status }),
      },
      order: { id: 'DESC' },
      take: page.limit,
    });
  }

  /**
   * The steps after one, at most `limit` of them and together at most PAGE_ACTIONS actions, unless the first alone has
   * more. Steps have no gap, so a page is a range of the key.
   */
  async stepViews(
    tx: Tx,
    executionId: string,
    after: number,
    limit: number,
  ): Promise<{ items: executor.StepView[]; more: boolean }> {
    const counts: { step: number; actions: number }[] = await tx.query(
      `SELECT step, coalesce((SELECT max(index) + 1 FROM action
                              WHERE action.execution_id = step.execution_id AND action.step = step.step), 0) AS actions
       FROM step WHERE execution_id = $1 AND step > $2::bigint AND step <= $2::bigint + $3 ORDER BY step`,
      [executionId, after, limit + 1],
    );
    if (counts.length === 0) return { items: [], more: false };
    const shown = stepsOnPage(counts, { steps: limit, actions: PAGE_ACTIONS });
    const range = { execution_id: executionId, step: Between(after + 1, counts[shown - 1]!.step) };
    const steps = await tx.find(Step, { where: range, order: { step: 'ASC' } });
    const actions = await tx.find(Action, { select: SHOWN, where: range, order: { step: 'ASC', index: 'ASC' } });
    const ofStep = Map.groupBy(actions, (action) => action.step);
    return { items: steps.map((step) => stepView(step, ofStep.get(step.step) ?? [])), more: shown < counts.length };
  }
}

/** Everything people see of an action; its sealed bytes and its contract stay where they are. */
const SHOWN = {
  execution_id: true,
  step: true,
  index: true,
  status: true,
  tool: true,
  digest: true,
  arguments: true,
  predicted: true,
  decided: true,
  done: true,
  verified: true,
  undone: true,
} as const satisfies FindOptionsSelect<Action>;
