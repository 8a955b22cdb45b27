import type { executor, governance } from '#contracts';
import { actionKeyText } from '#kernel';
import { inSpan } from '#telemetry';
import { Injectable } from '@nestjs/common';
import type { Run } from '../execution/run.js';
import { aboutAction } from '../journal/journal.entry.js';
import { stopRequest } from '../kill-switch/kill-switch.entry.js';
import { killed, stoppedBy } from '../kill-switch/kill-switch.errors.js';
import { ActionEffect } from './action.effect.js';
import type { Action } from './action.entity.js';
import { ActionGate, answerDue, type Claim } from './action.gate.js';
import { type ActionPatch, ActionRepository } from './action.repository.js';
import { isFinished } from './action.rules.js';
import { ActionUndo } from './action.undo.js';
import { DecisionTeller } from './decision.teller.js';
import { Sealer } from './sealer.js';

/** finished: the next action may follow. waiting: a person has to answer, or to let the run go on. */
export type ActionProgress = { kind: 'finished'; action: Action } | { kind: 'waiting'; wakeAt: Date | null };

const PEOPLE: ActionProgress = { kind: 'waiting', wakeAt: null };

/**
 * Drives one action from wherever its row says it is to its end: assess, authorise, hold, act, observe, judge, keep or
 * undo. Every arrow is one transaction; called again after a crash it continues with what the row says.
 */
@Injectable()
export class ActionRunner {
  constructor(
    private readonly gate: ActionGate,
    private readonly effect: ActionEffect,
    private readonly actions: ActionRepository,
    private readonly sealer: Sealer,
    private readonly undoing: ActionUndo,
    private readonly decisions: DecisionTeller,
  ) {}

  advance(run: Run, action: Action): Promise<ActionProgress> {
    const { execution_id, step, index, tool, digest } = action;
    const attributes = {
      'spectrace.execution_id': execution_id,
      'spectrace.step': step,
      'spectrace.action.index': index,
    };
    // A tool that does not exist has whatever name the agent made up.
    const name = digest ? `action ${tool}` : 'action';
    return inSpan({ service: 'executor', name, within: run.ctx.trace, attributes }, () => this.drive(run, action));
  }

  private async drive(run: Run, first: Action): Promise<ActionProgress> {
    let action = first;
    let args = this.sealer.open<object>(action.team_id, action.sealed_arguments);
    while (!isFinished(action.status)) {
      run.assertMine();
      switch (action.status) {
        case 'proposed':
          if (await run.pauseHere()) return PEOPLE;
          action = await this.authorise(run, action, args);
          break;
        case 'awaiting_approval': {
          if (run.isToPause && !(await this.gate.isAnswered(run, action.approval_id!)))
            return { kind: 'waiting', wakeAt: answerDue(action.decided) };
          if (await run.pauseHere()) return PEOPLE;
          const claimed = await this.redeem(run, action, args);
          if (!claimed) return { kind: 'waiting', wakeAt: answerDue(action.decided) };
          action = claimed;
          args = this.sealer.open<object>(action.team_id, action.sealed_arguments);
          break;
        }
        case 'authorised': {
          if (run.isToEnd) return { kind: 'finished', action: await this.skip(run, action) };
          const order = await this.gate.killedBy(run, action);
          if (order) action = await this.kill(run, action, order);
          else if (!this.isAsDecided(run, action, args)) action = await this.end(run, action, 'refused', EDITED);
          else if (!(await this.gate.budgets.mayAct(run, action, args))) return this.outOfBudget();
          else action = await this.effect.begin(run, action, args);
          break;
        }
        case 'started':
          action = await this.effect.complete(run, action, args);
          break;
        case 'undoing':
          action = await this.undoing.undo(run, action);
          break;
        case 'inconclusive':
          if (!run.isToEnd && run.execution.status === 'paused') return PEOPLE;
          action = await this.undoing.leave(run, action);
          break;
        default:
          throw new Error(`action ${action.status} is not finished and cannot go on`);
      }
    }
    return { kind: 'finished', action };
  }

  private outOfBudget(): ActionProgress {
    return { kind: 'waiting', wakeAt: this.gate.budgets.again() };
  }

  /** Ends an action that never began: the run is to end, or an earlier action stopped the turn. */
  async skip(run: Run, action: Action): Promise<Action> {
    return this.end(run, action, 'skipped', SKIPPED);
  }

  private async authorise(run: Run, action: Action, args: object): Promise<Action> {
    if (run.isToEnd) return this.skip(run, action);
    const predicted = await this.gate.assess(run, action, args);
    const { decided, input } = await this.gate.decide(run, action, args, predicted);
    const key = actionKeyText(action);
    const entries = [
      aboutAction('action.predicted', action, { key, predicted }),
      aboutAction('action.decided', action, { key, decided }),
    ];
    switch (decided.decision) {
      case 'allow':
        return run.commit(entries, {}, async (tx) => {
          await this.decisions.tellDue(tx, run, action.step);
          return this.actions.move(tx, action, 'authorised', { predicted, decided, input });
        });
      case 'deny': {
        const order = await this.gate.killedBy(run, action, { anew: true });
        if (order) return this.kill(run, action, order);
        const failure = { code: 'action.denied', message: decided.reasons.join(' ') || 'Policy denies this action.' };
        return run.commit(entries, {}, (tx) =>
          this.actions.move(tx, action, 'denied', { predicted, decided, failure }),
        );
      }
      case 'ask': {
        const approval_id = decided.approval_id;
        return run.commit(
          [...entries, { kind: 'execution.paused', body: { status: 'paused', paused_reason: 'approval' } }],
          { status: 'paused', paused_reason: 'approval', approval_id },
          (tx) => this.actions.move(tx, action, 'awaiting_approval', { predicted, decided, approval_id }),
        );
      }
    }
  }

  /** Null while nobody has answered. Of a run that is to end, the answer makes no difference and is not redeemed. */
  private async redeem(run: Run, action: Action, args: object): Promise<Action | null> {
    if (run.isToEnd) {
      return this.resumeAs(run, action, 'skipped', { ...action.decided!, approval: 'withdrawn' }, SKIPPED);
    }
    const claim = await this.gate.claim(run, action, args);
    if (claim.kind === 'refused' && claim.edited) return this.redeemEdited(run, action, claim.edited);
    return this.settle(run, action, claim);
  }

  /** People approved other arguments: exactly those, as they were written down when the reviewer edited them. */
  private async redeemEdited(run: Run, action: Action, digest: string): Promise<Action | null> {
    const edited = await run.read((tx) => this.actions.edited(tx, action, digest));
    const args = edited && this.sealer.open<object>(edited.team_id, edited.sealed_arguments);
    if (!edited || !args || this.gate.digestOf(run, edited, args) !== digest) {
      return this.settle(run, action, { kind: 'refused', status: 'rejected', failure: EDITED });
    }
    return this.settle(run, action, await this.gate.claim(run, edited, args), edited);
  }

  private async settle(run: Run, action: Action, claim: Claim, edited?: Action): Promise<Action | null> {
    const asked = action.decided!;
    if (claim.kind === 'pending') return null;
    if (claim.kind === 'refused') {
      const order = await this.gate.killedBy(run, action, { anew: true });
      if (order) await run.cancelHere(stopRequest(run, order), stoppedBy(order));
      const failure = order ? killed(order) : claim.failure;
      return this.resumeAs(run, action, 'denied', { ...asked, approval: claim.status }, failure);
    }
    const { kind: _kind, ...said } = claim;
    const decided: executor.DecidedFact = {
      ...asked,
      ...said,
      approval: 'approved',
      ...(edited && { asked_digest: action.digest }),
    };
    return this.resumeAs(run, action, 'authorised', decided, null, edited);
  }

  private resumeAs(
    run: Run,
    action: Action,
    status: 'authorised' | 'denied' | 'skipped',
    decided: executor.DecidedFact,
    failure: executor.FailureView | null,
    edited?: Action,
  ): Promise<Action> {
    const key = actionKeyText(action);
    return run.commit(
      [
        { kind: 'execution.resumed', body: { status: 'running' } },
        aboutAction('action.approved', action, { key, decided, ...(edited && shownOf(edited)) }),
      ],
      { status: 'running', paused_reason: null, approval_id: null },
      (tx) => this.actions.move(tx, action, status, { decided, failure, ...(edited && editOf(edited)) }),
    );
  }

  /** Arguments and contract are still those that policy, and people, said yes to. */
  private isAsDecided(run: Run, action: Action, args: object): boolean {
    return this.gate.digestOf(run, action, args) === action.digest;
  }

  /** The run ends with it: its driver is not asked what to do about an action that was stopped. */
  private async kill(run: Run, action: Action, order: governance.KillOrder): Promise<Action> {
    await run.cancelHere(stopRequest(run, order), stoppedBy(order));
    return this.end(run, action, 'refused', killed(order));
  }

  private end(run: Run, action: Action, status: 'skipped' | 'refused', failure: executor.FailureView): Promise<Action> {
    const entry = aboutAction('action.refused', action, { key: actionKeyText(action), status });
    return run.commit([entry], {}, (tx) => this.actions.move(tx, action, status, { failure }));
  }
}

/** What an edit puts in the place of what the agent proposed. */
const editOf = ({ arguments: args, sealed_arguments, contract, digest, predicted }: Action): ActionPatch => ({
  arguments: args,
  sealed_arguments,
  contract,
  digest,
  predicted,
});

const shownOf = ({ arguments: args, digest, predicted }: Action): Partial<executor.ActionView> => ({
  arguments: args,
  digest: digest!,
  predicted,
});

const SKIPPED = { code: 'action.skipped', message: 'The run ended before this action began.' };

const EDITED = {
  code: 'contract.edited',
  message: 'The arguments or the contract are no longer the ones that were decided on.',
};
