import { AppError } from '#kernel';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import type { DeviatedAction } from '../execution/violation.rules.js';
import type { ActionOutcome } from '../step/step.view.js';
import { ActionEdit } from './action-edit.entity.js';
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

  /** Actions that left their contract, in their order; of many the first 100. */
  deviated(tx: Tx, executionId: string): Promise<DeviatedAction[]> {
    return tx.query(
      `SELECT step, index, tool, verified, undone FROM action
       WHERE execution_id = $1 AND verified->>'verdict' = 'deviated' ORDER BY step, index LIMIT 100`,
      [executionId],
    );
  }

  async get(tx: Tx, key: Pick<Action, 'execution_id' | 'step' | 'index'>): Promise<Action | null> {
    const { execution_id, step, index } = key;
    return tx.findOneBy(Action, { execution_id, step, index });
  }

  /** Writes down what a reviewer would make of an action, of which nothing comes unless people approve it. */
  async addEdit(tx: Tx, { execution_id, step, index, team_id, ...edited }: Action): Promise<void> {
    const { digest, arguments: args, sealed_arguments, contract, predicted } = edited;
    const row = { execution_id, step, index, team_id, digest, arguments: args, sealed_arguments, contract, predicted };
    await tx
      .createQueryBuilder()
      .insert()
      .into(ActionEdit)
      .values(row as never)
      .orIgnore()
      .execute();
  }

  /** The action as one of its edits would have it; null when there is no such edit. */
  async edited(tx: Tx, action: Action, digest: string): Promise<Action | null> {
    const { execution_id, step, index } = action;
    const found = await tx.findOneBy(ActionEdit, { execution_id, step, index, digest });
    return found && Object.assign(Object.create(Action.prototype) as Action, action, found);
  }

  /** How the actions of at most `steps` steps after one ended, in their order, and nothing else of them. */
  outcomes(tx: Tx, executionId: string, after: number, steps: number): Promise<ActionOutcome[]> {
    return tx.query(
      `SELECT step, tool, status, failure, verified, sealed_arguments, sealed_output FROM action
       WHERE execution_id = $1 AND step > $2 AND step <= $2 + $3 ORDER BY step, index`,
      [executionId, after, steps],
    );
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
