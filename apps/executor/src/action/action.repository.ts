import { AppError } from '#kernel';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Action } from './action.entity.js';
import { type ActionStatus, sourcesOf } from './action.rules.js';

export type ActionPatch = Partial<Omit<Action, 'execution_id' | 'step' | 'index' | 'team_id' | 'status'>>;

@Injectable()
export class ActionRepository {
  async insert(tx: Tx, actions: Action[]): Promise<void> {
    if (actions.length > 0) await tx.insert(Action, actions as never);
  }

  ofStep(tx: Tx, executionId: string, step: number): Promise<Action[]> {
    return tx.find(Action, { where: { execution_id: executionId, step }, order: { index: 'ASC' } });
  }

  ofExecution(tx: Tx, executionId: string): Promise<Action[]> {
    return tx.find(Action, { where: { execution_id: executionId }, order: { step: 'ASC', index: 'ASC' } });
  }

  ofSteps(tx: Tx, executionId: string, steps: number[]): Promise<Action[]> {
    return tx.find(Action, {
      where: { execution_id: executionId, step: In(steps) },
      order: { step: 'ASC', index: 'ASC' },
    });
  }

  /**
   * Moves an action along its transition table and returns it as it is now.
   * @throws AppError `action.moved_on` when somebody was first
   */
  async move(tx: Tx, action: Action, to: ActionStatus, patch: ActionPatch = {}): Promise<Action> {
    const { execution_id, step, index } = action;
    const moved = await tx.update(Action, { execution_id, step, index, status: In(sourcesOf(to)) }, {
      status: to,
      ...patch,
    } as never);
    if (!moved.affected) throw new AppError('action.moved_on', `The action can no longer become ${to}.`);
    return Object.assign(Object.create(Action.prototype) as Action, action, patch, { status: to });
  }
}
