import type { executor } from '#contracts';
import { isUuid } from '#kernel';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { In, LessThan, MoreThan } from 'typeorm';
import { Action } from '../action/action.entity.js';
import { Step } from '../step/step.entity.js';
import { stepView } from '../step/step.rules.js';
import { Execution } from './execution.entity.js';
import { cursorInvalid, executionNotFound } from './execution.errors.js';

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

  steps(tx: Tx, executionId: string, after: number, limit: number): Promise<Step[]> {
    return tx.find(Step, {
      where: { execution_id: executionId, step: MoreThan(after) },
      order: { step: 'ASC' },
      take: limit,
    });
  }

  async stepViews(tx: Tx, executionId: string, after: number, limit: number): Promise<executor.StepView[]> {
    const steps = await this.steps(tx, executionId, after, limit);
    const actions = await tx.find(Action, {
      where: { execution_id: executionId, step: In(steps.map((step) => step.step)) },
      order: { step: 'ASC', index: 'ASC' },
    });
    return steps.map((step) =>
      stepView(
        step,
        actions.filter((action) => action.step === step.step),
      ),
    );
  }
}
