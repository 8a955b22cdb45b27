import type { executor } from '#contracts';
import { digestOf, isAppError, type JsonValue } from '#kernel';
import { Injectable } from '@nestjs/common';
import { Action } from '../action/action.entity.js';
import { ActionGate } from '../action/action.gate.js';
import { ActionRepository } from '../action/action.repository.js';
import { type ActionStatus, failureOf, isFinished } from '../action/action.rules.js';
import { ActionRunner } from '../action/action.runner.js';
import { Sealer } from '../action/sealer.js';
import { isSendPending } from '../action/taint.rules.js';
import { visible } from '../action/visible.rules.js';
import { makeContract } from '../contract/contract.rules.js';
import type { DriverTurn, FinishedStep, ProposedAction } from '../driver/driver.js';
import type { Run } from '../execution/run.js';
import { StepAnalyser } from './step.analyser.js';
import { Step } from './step.entity.js';
import { actionView, finishedStep, observe, summaryOf } from './step.view.js';
import { ToolRegistry } from '../tool/tool.registry.js';

export type StepProgress = { kind: 'finished'; step: FinishedStep } | { kind: 'waiting'; wakeAt: Date | null };

/** Drives one turn: what the agent proposed is written down, its actions run in order, and the turn is analysed. */
@Injectable()
export class StepRunner {
  constructor(
    private readonly tools: ToolRegistry,
    private readonly gate: ActionGate,
    private readonly runner: ActionRunner,
    private readonly actions: ActionRepository,
    private readonly sealer: Sealer,
    private readonly analyser: StepAnalyser,
  ) {}

  /** Commits what the agent proposed; nothing has happened yet. Null: no step is left in its budget, and it is paused. */
  async propose(run: Run, step: number, turn: Extract<DriverTurn, { kind: 'act' }>): Promise<Step | null> {
    if (!(await this.gate.budgets.mayStep(run, step))) return null;
    const actions = turn.actions.map((proposed, index) => this.actionOf(run, { step, index }, proposed));
    const row = Object.assign(new Step(), {
      execution_id: run.execution.id,
      step,
      team_id: run.ctx.team,
      label: turn.label,
      thought: visible(turn.thought),
      keep_going: turn.keep_going ?? false,
      observation: null,
      finished: false,
    });
    const proposed: executor.StepView = {
      step,
      timestamp: new Date().toISOString(),
      thought: row.thought,
      action: summaryOf(actions[0]),
      actions: actions.map((action) => {
        const { key, tool, arguments: args, digest, status } = actionView(action);
        return { key, tool, arguments: args, digest, status };
      }),
    };
    await run.commit([{ kind: 'step.proposed', body: { step: proposed } }], {}, async (tx) => {
      await tx.insert(Step, row);
      await this.actions.insert(tx, actions);
    });
    return row;
  }

  /** Runs a proposed turn from wherever it is to its end. */
  async advance(run: Run, step: Step): Promise<StepProgress> {
    const actions = await run.read((tx) => this.actions.ofStep(tx, run.execution.id, step.step));
    let stopped = false;
    for (const [i, action] of actions.entries()) {
      if (!isFinished(action.status)) {
        if (stopped && action.status === 'proposed') {
          actions[i] = await this.runner.skip(run, action);
          continue;
        }
        const others = actions.filter((other) => other !== action);
        run.isSendPending = isSendPending(others.map(({ tool, status }) => ({ tool, finished: isFinished(status) })));
        const progress = await this.runner.advance(run, action);
        if (progress.kind === 'waiting') return progress;
        actions[i] = progress.action;
      }
      stopped ||= mustStop(actions[i]!, step.keep_going) || run.isToEnd;
    }
    await this.finish(run, step, actions);
    return { kind: 'finished', step: finishedStep(step, actions, (sealed) => this.sealer.open(run.ctx.team, sealed)) };
  }

  /** When a run whose budget is spent looks again by itself. */
  again(): Date {
    return this.gate.budgets.again();
  }

  private actionOf(run: Run, at: { step: number; index: number }, proposed: ProposedAction): Action {
    const { tool: id, arguments: args } = proposed;
    const action: Action = Object.assign(new Action(), {
      execution_id: run.execution.id,
      ...at,
      team_id: run.ctx.team,
      tool: id,
      status: 'proposed' as ActionStatus,
      arguments: visible(args),
      sealed_arguments: this.sealer.seal(run.ctx.team, args),
      digest: null,
      contract: null,
      attempts: 0,
      predicted: null,
      decided: null,
      input: null,
      done: null,
      verified: null,
      undone: null,
      failure: null,
      approval_id: null,
      sealed_output: null,
    });
    try {
      const parsed = this.tools.parse(id, args);
      const effect = this.tools.get(id).tool.effect(parsed);
      action.contract = makeContract({ tool: id, args_digest: digestOf(args as JsonValue), effect }, proposed.expect);
      action.digest = this.gate.digestOf(run, action, args);
    } catch (error) {
      if (!isAppError(error)) throw error;
      action.status = 'refused';
      action.failure = visible({ code: error.code, message: locatedMessage(error) });
    }
    return action;
  }

  private async finish(run: Run, step: Step, actions: Action[]): Promise<void> {
    await this.gate.budgets.settle(run, step.step, actions);
    const observation = visible(observe(actions));
    const { entry, patch } = await this.analyser.analyse(run, {
      step: step.step,
      thought: step.thought,
      actions,
      final_answer: null,
    });
    const finished: executor.StepView = { step: step.step, observation, actions: [] };
    await run.commit([{ kind: 'step.finished', body: { step: finished } }, entry], patch, (tx) =>
      tx.update(Step, { execution_id: step.execution_id, step: step.step }, { observation, finished: true }),
    );
  }
}

/** A failed action ends its turn, unless the turn wants to go on; an undo that failed always does. */
const mustStop = (action: Action, keepGoing: boolean): boolean => {
  if (action.status === 'conflict' || action.status === 'undo_failed') return true;
  return !keepGoing && failureOf(action) !== null;
};

const locatedMessage = (error: {
  message: string;
  details?: { errors?: { path: string; message: string }[] };
}): string => {
  const located = error.details?.errors?.map(({ path, message }) => `${path}: ${message}`);
  return located?.length ? located.join('; ') : error.message;
};
