import { type executor, governance } from '#contracts';
import { actionKeyText } from '#kernel';
import { Bus } from '#messaging';
import { Injectable } from '@nestjs/common';
import type { Action } from '../action/action.entity.js';
import type { Run } from '../execution/run.js';
import { AGAIN_MS, pausedForBudget, softLimit, wallOf } from './budget.rules.js';

/** Reserves what a run is about to spend, and settles it by what the rows say it came to. */
@Injectable()
export class BudgetGate {
  constructor(private readonly bus: Bus) {}

  /**
   * Whether a step may be proposed; else the run has been paused.
   * @throws AppError retryable when governance does not answer
   */
  mayStep(run: Run, step: number): Promise<boolean> {
    return this.may(run, { key: stepKey(run, step), amounts: { steps: 1 } });
  }

  /**
   * Whether an action may begin; else the run has been paused. Where time of tools is limited it gets what is left.
   * @throws AppError as `mayStep`
   */
  async mayAct(run: Run, action: Action, args: object): Promise<boolean> {
    if (run.limited && !run.limited.has('wall_ms')) return true;
    const amounts = { wall_ms: wallOf(args) };
    return this.may(run, { key: actionKeyText(action), amounts, least: { wall_ms: 1 } });
  }

  /**
   * Settles a step whose actions are at their end: a repeat, after a crash, settles what was not.
   * @throws AppError as `mayStep`
   */
  async settle(run: Run, step: number, actions: readonly Action[]): Promise<void> {
    if (run.limited?.size === 0) return;
    const items = [
      { key: stepKey(run, step), used: { steps: 1 } },
      ...actions.map((action) => ({ key: actionKeyText(action), used: { wall_ms: action.done?.duration_ms ?? 0 } })),
    ];
    await this.bus.call(run.ctx, governance.budget.settle, { items });
  }

  /** When a run that waits for its budget looks again by itself: a period may have begun anew. */
  again(): Date {
    return new Date(Date.now() + AGAIN_MS);
  }

  private async may(run: Run, wanted: Pick<governance.ReserveBudget, 'key' | 'amounts' | 'least'>): Promise<boolean> {
    const { id: execution_id, agent_id, over_budget: over } = run.execution;
    const said = await this.bus.call(run.ctx, governance.budget.reserve, { ...wanted, execution_id, agent_id, over });
    run.limited = new Set(said.limited);
    if (!said.granted) {
      await this.pause(run, said.exhausted ?? 'A budget is spent.');
      return false;
    }
    if (said.limited.includes('wall_ms') && said.amounts.wall_ms) run.wallMs = said.amounts.wall_ms;
    if (isPausedForBudget(run.execution)) {
      await run.commit([{ kind: 'execution.resumed', body: { status: 'running', paused_reason: null } }], {
        status: 'running',
        paused_reason: null,
      });
    }
    if (said.warnings.length > 0) {
      const { risk_score, deception_probability } = run.execution;
      const risk = { risk_score, deception_probability };
      await run.commit([{ kind: 'step.analyzed', body: { risk, findings: said.warnings.map(softLimit) } }]);
    }
    return true;
  }

  private async pause(run: Run, sentence: string): Promise<void> {
    if (isPausedForBudget(run.execution)) return;
    await run.commit([{ kind: 'execution.paused', body: pausedForBudget(sentence) }], {
      status: 'paused',
      paused_reason: 'budget',
    });
  }
}

const stepKey = (run: Run, step: number): string => `${run.execution.id}/${step}/step`;

const isPausedForBudget = ({
  status,
  paused_reason,
}: Pick<executor.ExecutionView, 'status' | 'paused_reason'>): boolean =>
  status === 'paused' && paused_reason === 'budget';
