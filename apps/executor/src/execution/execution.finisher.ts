import { executor } from '#contracts';
import { isAppError } from '#kernel';
import { FactLog } from '#persistence';
import { Injectable } from '@nestjs/common';
import type { Action } from '../action/action.entity.js';
import { ActionRepository } from '../action/action.repository.js';
import { failureOf, hasEffect, isUndoable } from '../action/action.rules.js';
import { ActionUndo } from '../action/action.undo.js';
import { DecisionTeller } from '../action/decision.teller.js';
import { Journal, type ExecutionPatch } from '../journal/journal.js';
import type { WorkEnd } from '../work/work-source.js';
import { WorkspaceService } from '../workspace/workspace.service.js';
import type { Ending } from './execution.entity.js';
import { type EndedAction, judgeRun, type RunEnd } from './execution.rules.js';
import type { Run } from './run.js';
import { violationsOf } from './violation.rules.js';

/** Ends runs: takes back what the driver wants undone, judges what is left, and says so once. */
@Injectable()
export class ExecutionFinisher {
  constructor(
    private readonly actions: ActionRepository,
    private readonly undoing: ActionUndo,
    private readonly journal: Journal,
    private readonly facts: FactLog,
    private readonly workspaces: WorkspaceService,
    private readonly decisions: DecisionTeller,
  ) {}

  /** From `verifying` to a terminal status; called again after a crash it goes on with the holds that are left. */
  async finish(run: Run, ending: Ending): Promise<WorkEnd> {
    const asked = run.execution.rollback_requested;
    let actions = await run.read((tx) => this.actions.ofExecution(tx, run.execution.id));
    if (asked || ending.rollback) {
      const wanted = asked ? isUndoable : standsOrUndoes;
      const elsewhere = actions.some(wanted) ? await this.enter(run, ending, actions) : null;
      if (elsewhere) return elsewhere;
      actions = await this.rollBack(run, actions, wanted);
    }
    const end = judgeRun(actions.map(ended), {
      stop: ending.stop ?? (asked ? ROLLED_BACK : null),
      rolledBack: asked || ending.rollback,
      cancelled: ending.cancelled && !asked,
      stopped: run.execution.stopped,
    });
    return this.end(run, end, { final_answer: ending.answer, undoable: actions.some(isUndoable) });
  }

  /** Ends a run that cannot be driven. An undo that has begun will not come to its end, and is said to have failed. */
  async abandon(run: Run, failure: executor.FailureView): Promise<WorkEnd> {
    const { id, ending, rollback_requested } = run.execution;
    const actions = await run.read((tx) => this.actions.ofExecution(tx, id));
    const left: Action[] = [];
    for (const action of actions) {
      left.push(action.status === 'undoing' ? await this.undoing.giveUp(run, action, failure.message) : action);
    }
    const wasTakingBack = left.length > 0 && (ending?.rollback || rollback_requested);
    const status = wasTakingBack || left.some(isBrokenUndo) ? 'rollback_failed' : 'failed';
    return this.end(run, { status, failure }, { undoable: left.some(isUndoable) });
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
      { ...patch, status: end.status, failure: end.failure, paused_reason: null, pause_requested: false },
      async (tx) => {
        const { id, agent_id, last_seq, spec_violations, detections } = run.execution;
        await tx.query(`UPDATE execution SET finished_at = clock_timestamp() WHERE id = $1`, [id]);
        await this.decisions.tellAll(tx, run);
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
            violations: violationsOf(spec_violations, await this.actions.deviated(tx, id), detections),
          },
        });
        await this.workspaces.unlock(tx, id);
      },
    );
    return { kind: 'done' };
  }

  /**
   * The run in its folder, which a run that had ended has to take again; otherwise how this drive ends: with the folder
   * gone nothing can be put back, and while another run works in it this one waits.
   */
  private async enter(run: Run, ending: Ending, actions: Action[]): Promise<WorkEnd | null> {
    try {
      run.root ??= await this.workspaces.open(run.execution.workspace!.path);
      const { root, item } = run;
      if (ending.reopened) await run.commit([], {}, (tx) => this.workspaces.lock(tx, item, root));
      return null;
    } catch (error) {
      if (!isAppError(error) || !error.code.startsWith('workspace.')) throw error;
      if (error.code === 'workspace.busy') return { kind: 'again', delay_ms: BUSY_RETRY_MS, failures: 0 };
      if (error.retryable) throw error;
      const { code, message } = error;
      const patch = { final_answer: ending.answer, undoable: actions.some(isUndoable) };
      return this.end(run, { status: 'rollback_failed', failure: { code, message } }, patch);
    }
  }

  /** Last in, first out; the first hold that cannot be undone stops it. */
  private async rollBack(run: Run, actions: Action[], wanted: (action: Action) => boolean): Promise<Action[]> {
    const result = [...actions];
    for (let i = result.length - 1; i >= 0; i--) {
      run.assertMine();
      let action = result[i]!;
      if (wanted(action) && action.status !== 'undoing') action = await this.undoing.begin(run, action);
      if (action.status === 'undoing') action = await this.undoing.undo(run, action);
      result[i] = action;
      if (isBrokenUndo(action)) break;
    }
    return result;
  }
}

/** While another run works in the folder, it is asked for so often. */
export const BUSY_RETRY_MS = 500;

const ROLLED_BACK = {
  code: 'execution.rolled_back',
  message: 'The run was rolled back because a person asked for it.',
};

const isBrokenUndo = ({ status }: Action): boolean => status === 'conflict' || status === 'undo_failed';

/** What a driver's rollback takes back. An undo that failed on the way stays as it is and stops it. */
const standsOrUndoes = (action: Action): boolean => hasEffect(action) || action.status === 'undoing';

const ended = (action: Action): EndedAction => ({
  status: action.status,
  had_effect: hasEffect(action),
  verdict: action.verified?.verdict ?? null,
  failure: failureOf(action),
});
