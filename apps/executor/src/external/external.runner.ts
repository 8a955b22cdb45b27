import { type executor, governance } from '#contracts';
import { actionKeyText } from '#kernel';
import { Bus } from '#messaging';
import { Injectable } from '@nestjs/common';
import type { Action } from '../action/action.entity.js';
import { answerDue, askPolicy, askPrediction, claimApproval, decisionInput } from '../action/action.gate.js';
import { ActionRepository } from '../action/action.repository.js';
import { Sealer } from '../action/sealer.js';
import { taintAfter } from '../action/taint.rules.js';
import { visible } from '../action/visible.rules.js';
import { ExecutionFinisher } from '../execution/execution.finisher.js';
import type { Ending, Execution } from '../execution/execution.entity.js';
import type { Run } from '../execution/run.js';
import { aboutAction } from '../journal/journal.entry.js';
import { killed } from '../kill-switch/kill-switch.errors.js';
import { KillSwitchGate } from '../kill-switch/kill-switch.gate.js';
import { Step } from '../step/step.entity.js';
import type { WorkEnd } from '../work/work-source.js';
import { ExternalRepository } from './external.repository.js';
import { CHANGED, covers, EXTERNAL, joined, moveOf, type Proposal } from './external.rules.js';

const HANDED_OVER = 'Handed over to an agent that runs elsewhere; nobody here saw what it did.';
const VERIFYING = { kind: 'execution.verifying', body: { status: 'verifying' } } as const;
const NOT_SEEN: Ending = { answer: null, stop: null, rollback: false, cancelled: false };
/** Where no folder was named: no operator has registered it. */
const ELSEWHERE = 'elsewhere';

/** Why an action is not handed over now; nothing of the attempt is kept. */
class HeldBack extends Error {
  /** `taint`: what the agent has met since the decision; null: people want it to wait or to end. */
  constructor(readonly taint: governance.Taint | null) {
    super('not handed over');
  }
}

/**
 * Takes the one action of an agent elsewhere from wherever its rows say it is: decided, answered by people, handed over
 * or refused. Nothing is done here, so nothing is held and nothing can be verified.
 */
@Injectable()
export class ExternalRunner {
  constructor(
    private readonly bus: Bus,
    private readonly actions: ActionRepository,
    private readonly agents: ExternalRepository,
    private readonly finisher: ExecutionFinisher,
    private readonly sealer: Sealer,
    private readonly kills: KillSwitchGate,
  ) {}

  /** `asks`: the agent is there and gets the answer; what people allowed is used up only then. */
  async advance(run: Run, { asks }: { asks: boolean }): Promise<WorkEnd> {
    let [action] = await run.read((tx) => this.actions.ofExecution(tx, run.execution.id));
    for (;;) {
      run.assertMine();
      if (run.isPaused) return waiting(run);
      switch (moveOf(run.execution, action!, run.isToEnd)) {
        case 'decide':
          action = await this.decide(run, action!);
          break;
        case 'redeem': {
          if (await this.isHeldUp(run, asks)) return waiting(run);
          const redeemed = await this.redeem(run, action!);
          if (!redeemed) return waiting(run);
          action = redeemed;
          break;
        }
        case 'hand_over':
          if (await run.pauseHere()) return waiting(run);
          action = await this.handOverUnlessBarred(run, action!);
          break;
        case 'end_denied':
          return this.endDenied(run, action!);
        case 'cancel':
          return this.finish(run, { ...NOT_SEEN, cancelled: true });
        case 'finish':
          return this.finish(run, run.execution.ending ?? NOT_SEEN);
      }
    }
  }

  private async decide(run: Run, action: Action): Promise<Action> {
    const proposal = this.proposalOf(action);
    const predicted = action.predicted ?? (await this.predict(run, action, proposal));
    const taint = await this.refreshed(run);
    const asked = request(run, action, proposal, { predicted, taint });
    const answer = await askPolicy(this.bus, run, asked);
    const { input_digest: _digest, ...said } = answer;
    const decided: executor.DecidedFact = {
      ...said,
      approval: said.decision === 'ask' ? 'pending' : null,
      approvers: [],
    };
    const key = actionKeyText(action);
    const risk = { risk_score: predicted.risk ?? 0, deception_probability: 0 };
    const entries = [
      aboutAction('action.predicted', action, { key, predicted }),
      aboutAction('action.decided', action, { key, decided }),
    ];
    const facts = { predicted, decided };
    switch (answer.decision) {
      case 'allow':
        return run.commit(
          [...entries, { kind: 'execution.decided', body: { status: 'queued' } }],
          { status: 'queued', decided, taint, ...risk },
          (tx) => this.actions.move(tx, action, 'authorised', { ...facts, input: decisionInput(asked, answer) }),
        );
      case 'ask': {
        const { approval_id } = answer;
        return run.commit(
          [...entries, { kind: 'execution.decided', body: { status: 'awaiting_approval' } }],
          { status: 'awaiting_approval', decided, taint, approval_id, ...risk },
          (tx) => this.actions.move(tx, action, 'awaiting_approval', { ...facts, approval_id }),
        );
      }
      case 'deny': {
        const failure = { code: 'action.denied', message: answer.reasons.join(' ') || 'Policy denies this action.' };
        return run.commit(entries, { decided, taint, ...risk }, (tx) =>
          this.actions.move(tx, action, 'denied', { ...facts, failure }),
        );
      }
    }
  }

  private predict(run: Run, action: Action, { tool, effects, arguments: args, paths }: Proposal) {
    const { execution_id, step, index } = action;
    const asked = { execution_id, step, index, tool, effects, arguments: args, paths, state: null };
    return askPrediction(this.bus, run, asked, []);
  }

  /** People have not answered, have paused it, or have said yes to an agent that is not there to hear it. */
  private async isHeldUp(run: Run, asks: boolean): Promise<boolean> {
    const { status } = await this.bus.call(run.ctx, governance.approval.get, { id: run.execution.approval_id! });
    if (status === 'pending') return true;
    return (await run.pauseHere()) || (status === 'approved' && !asks);
  }

  /** Null while people have not answered. */
  private async redeem(run: Run, action: Action): Promise<Action | null> {
    const taint = await this.refreshed(run);
    const asked = request(run, action, this.proposalOf(action), { predicted: action.predicted, taint });
    const claim = await claimApproval(this.bus, run, action.approval_id!, asked);
    const key = actionKeyText(action);
    switch (claim.kind) {
      case 'pending':
        return null;
      case 'approved': {
        const { approvers, policy_epoch } = claim;
        const decided = { ...action.decided!, approval: 'approved' as const, approvers, policy_epoch };
        return run.commit(
          [
            aboutAction('action.approved', action, { key, decided }),
            { kind: 'execution.decided', body: { status: 'queued' } },
          ],
          { status: 'queued', approval_id: null, decided, taint },
          (tx) => this.actions.move(tx, action, 'authorised', { decided }),
        );
      }
      case 'refused': {
        await this.kills.read();
        const failure = (await this.stopped(run.execution, action)) ?? claim.failure;
        const decided = { ...action.decided!, approval: claim.status };
        return run.commit(
          [aboutAction('action.approved', action, { key, decided })],
          { decided, approval_id: null },
          (tx) => this.actions.move(tx, action, 'denied', { decided, failure }),
        );
      }
    }
  }

  /**
   * Why the agent must not begin what it was allowed; null: it may. To be asked right before it is told so.
   * @throws AppError `kill_switch.unknown`, retryable
   */
  async stopped(
    { team_id: team, agent_id, id }: Execution,
    { tool }: Pick<Action, 'tool'>,
  ): Promise<executor.FailureView | null> {
    await this.kills.fresh();
    const order = this.kills.against({ team, agent_id, execution_id: id, tool });
    return order && killed(order);
  }

  private async handOverUnlessBarred(run: Run, action: Action): Promise<Action> {
    const failure = (await this.spent(run, action)) ?? (await this.stopped(run.execution, action));
    return failure ? this.refuse(run, action, failure) : this.handOver(run, action);
  }

  /** It counts as a step of the agent's budgets; nobody here could let it wait for another period. */
  private async spent(run: Run, { step }: Action): Promise<executor.FailureView | null> {
    const { id: execution_id, agent_id, over_budget: over } = run.execution;
    const wanted = { key: `${execution_id}/${step}/step`, amounts: { steps: 1 }, execution_id, agent_id, over };
    const { granted, exhausted } = await this.bus.call(run.ctx, governance.budget.reserve, wanted);
    return granted ? null : { code: 'budget.exhausted', message: exhausted ?? 'A budget is spent.' };
  }

  private refuse(run: Run, action: Action, failure: executor.FailureView): Promise<Action> {
    const entry = aboutAction('action.refused', action, { key: actionKeyText(action), status: 'refused' });
    return run.commit([entry], {}, (tx) => this.actions.move(tx, action, 'refused', { failure }));
  }

  /**
   * From here on the agent may do it, and what it gives to know is known. Of two actions of one agent at once the later
   * one is decided again when the earlier one added something.
   */
  private async handOver(run: Run, action: Action): Promise<Action> {
    try {
      return await this.startAndKeep(run, action);
    } catch (error) {
      if (!(error instanceof HeldBack)) throw error;
      if (!error.taint) {
        await run.commit([]);
        return action;
      }
      const { predicted, decided } = action;
      const asked = request(run, action, this.proposalOf(action), { predicted, taint: error.taint });
      const answer = await askPolicy(this.bus, run, asked);
      const needed = answer.decision === 'allow' ? 0 : (answer.tier_needed ?? Infinity) - 1;
      if (needed <= decided!.approvers.length) {
        await run.commit([], { taint: error.taint });
        return action;
      }
      return this.refuse(run, action, CHANGED);
    }
  }

  private async startAndKeep(run: Run, action: Action): Promise<Action> {
    const { agent_id, team_id, id, taint: decidedUnder } = run.execution;
    const sensitive = action.decided!.sensitive ?? false;
    const taint = taintAfter(decidedUnder, { tool: action.tool, sensitive });
    const key = actionKeyText(action);
    const finished: executor.StepView = { step: action.step, observation: HANDED_OVER, actions: [] };
    return run.commit(
      [
        { kind: 'execution.started', body: { status: 'running' } },
        aboutAction('action.started', action, { key, status: 'kept' }),
        { kind: 'step.finished', body: { step: finished } },
      ],
      { status: 'running', taint },
      async (tx) => {
        // The row is as it is now: what people asked for meanwhile is seen.
        if (run.isToEnd || run.isToPause) throw new HeldBack(null);
        const known = await this.agents.lock(tx, agent_id, team_id);
        if (!covers(decidedUnder, known)) throw new HeldBack(joined(decidedUnder, known));
        await this.agents.add(tx, agent_id, taint);
        await tx.update(Step, { execution_id: id, step: action.step }, { observation: HANDED_OVER, finished: true });
        return this.actions.move(tx, await this.actions.move(tx, action, 'started', { attempts: 1 }), 'kept');
      },
    );
  }

  private endDenied(run: Run, { status: was, decided, failure }: Action): Promise<WorkEnd> {
    const status = was === 'refused' ? 'failed' : decided?.approval === 'expired' ? 'expired' : 'denied';
    return this.finisher.end(run, { status, failure });
  }

  private async finish(run: Run, ending: Ending): Promise<WorkEnd> {
    if (!run.execution.ending) {
      await run.commit([VERIFYING], { status: 'verifying', paused_reason: null, ending });
    }
    return this.finisher.finish(run, ending);
  }

  /** What the agent may know by now, its run included. */
  private refreshed(run: Run): Promise<governance.Taint> {
    return run.read((tx) => this.agents.taintOf(tx, run.execution.agent_id, run.execution.id));
  }

  private proposalOf({ team_id, sealed_arguments }: Action): Proposal {
    return this.sealer.open<Proposal>(team_id, sealed_arguments);
  }
}

const waiting = ({ execution }: Run): WorkEnd => ({
  kind: 'waiting',
  wake_at: execution.status === 'paused' ? null : answerDue(execution.decided),
});

const request = (
  run: Run,
  action: Action,
  { tool, effects, arguments: args, target, paths }: Proposal,
  { predicted, taint }: { predicted: executor.PredictedFact | null; taint: governance.Taint },
): governance.DecideAction => {
  const { execution_id, step, index, digest } = action;
  const { agent_id, workspace, task_description } = run.execution;
  return {
    ...{ execution_id, step, index, digest: digest!, agent_id, agent_version: EXTERNAL },
    ...{ tool, effects, arguments: visible(args), target: visible(target), paths },
    task: visible(task_description),
    risk: predicted?.risk ?? null,
    workspace: { id: workspace?.path ?? ELSEWHERE, registered: workspace !== null },
    ...governance.DONE_ELSEWHERE,
    taint,
  };
};
