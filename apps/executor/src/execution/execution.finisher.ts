import { executor } from '#contracts';
import { FactLog } from '#persistence';
import { Injectable } from '@nestjs/common';
import { ActionEffect } from '../action/action.effect.js';
import type { Action } from '../action/action.entity.js';
import { ActionRepository } from '../action/action.repository.js';
import { failureOf } from '../action/action.rules.js';
import { Journal, type ExecutionPatch } from '../journal/journal.js';
import type { WorkEnd } from '../work/work-source.js';
import { WorkspaceService } from '../workspace/workspace.service.js';
import type { Ending } from './execution.entity.js';
import { type EndedAction, judgeRun, type RunEnd } from './execution.rules.js';
import type { Run } from './run.js';

/** Ends runs: takes back what the driver wants undone, judges what is left, and says so once. */
@Injectable()
export class ExecutionFinisher {
  constructor(
    private readonly actions: ActionRepository,
    private readonly effect: ActionEffect,
    private readonly journal: Journal,
    private readonly facts: FactLog,
    private readonly workspaces: WorkspaceService,
  ) {}

  /** From `verifying` to a terminal status; called again after a crash it goes on with the holds that are left. */
  async finish(run: Run, ending: Ending): Promise<WorkEnd> {
    const { answer, stop, rollback, cancelled } = ending;
    let actions = await run.read((tx) => this.actions.ofExecution(tx, run.execution.id));
    if (rollback) actions = await this.rollBack(run, actions);
    const end = judgeRun(actions.map(ended), { stop, rolledBack: rollback, cancelled });
    return this.end(run, end, { final_answer: answer });
  }

  /** The last frame, the fact, and the workspace free for the next run, in one transaction. */
  async end(run: Run, end: RunEnd, patch: ExecutionPatch = {}): Promise<WorkEnd> {
    const { risk_score, deception_probability } = run.execution;
    const entry = {
      kind: 'execution.finished' as const,
      body: { status: end.status, failure: end.failure, risk_score, deception_probability },
    };
    await run.commit(
      [entry],
      { ...patch, status: end.status, failure: end.failure, paused_reason: null },
      async (tx) => {
        const { id, agent_id, last_seq } = run.execution;
        await tx.query(`UPDATE execution SET finished_at = clock_timestamp() WHERE id = $1`, [id]);
        await this.facts.append(tx, run.ctx, executor.executionFinished, {
          aggregate_id: id,
          version: await this.journal.nextFactVersion(tx, id),
          body: {
            execution_id: id,
            status: end.status,
            agent_id,
            risk_score,
            deception_probability,
            failure: end.failure,
            journal_seq: last_seq,
          },
        });
        await this.workspaces.unlock(tx, id);
      },
    );
    return { kind: 'done' };
  }

  /** Last in, first out; the first hold that cannot be undone stops it. */
  private async rollBack(run: Run, actions: Action[]): Promise<Action[]> {
    const result = [...actions];
    for (let i = result.length - 1; i >= 0; i--) {
      run.assertMine();
      let action = result[i]!;
      if (action.status === 'kept' && hadEffect(action)) action = await this.effect.beginUndo(run, action);
      if (action.status === 'undoing') action = await this.effect.undo(run, action);
      result[i] = action;
      if (action.status === 'conflict' || action.status === 'undo_failed') break;
    }
    return result;
  }
}

const hadEffect = (action: Action): boolean => (action.verified?.change_count ?? 0) > 0;

const ended = (action: Action): EndedAction => ({
  status: action.status,
  had_effect: hadEffect(action),
  verdict: action.verified?.verdict ?? null,
  failure: failureOf(action),
});
