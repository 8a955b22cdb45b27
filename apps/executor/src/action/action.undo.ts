import type { executor } from '#contracts';
import { actionKeyText, isAppError } from '#kernel';
import { applyChanges, diffManifests, type Manifest, type RestoreOutcome } from '#snapshots';
import { Injectable } from '@nestjs/common';
import { ownChanges } from '../contract/contract.rules.js';
import type { Contract } from '../contract/contract.types.js';
import type { Run } from '../execution/run.js';
import type { Hold } from '../hold/hold.entity.js';
import { notUndone, undoneFact } from '../hold/hold.rules.js';
import { HoldService } from '../hold/hold.service.js';
import { aboutAction } from '../journal/journal.entry.js';
import type { Action } from './action.entity.js';
import { keptFact } from './action.facts.rules.js';
import { ActionRepository } from './action.repository.js';

/** Takes actions back by their holds, and says what became of each. */
@Injectable()
export class ActionUndo {
  constructor(
    private readonly holds: HoldService,
    private readonly actions: ActionRepository,
  ) {}

  /** What was done is to be taken back. */
  async begin(run: Run, action: Action): Promise<Action> {
    const entry = aboutAction('action.undoing', action, { key: actionKeyText(action), status: 'undoing' });
    return run.commit([entry], {}, async (tx) => {
      await this.holds.move(tx, await this.holds.of(tx, action), 'undoing');
      return this.actions.move(tx, action, 'undoing');
    });
  }

  /** Puts back what the contract did not allow, or what a rollback takes back, and proves it by digest. */
  async undo(run: Run, action: Action): Promise<Action> {
    const hold = await run.read((tx) => this.holds.of(tx, action));
    const undone = await this.restore(run, action, hold);
    const status = undone.outcome as 'undone' | 'conflict' | 'undo_failed';
    const failure = status === 'undone' ? action.failure : undoFailure(undone);
    const entry = aboutAction('action.undone', action, { key: actionKeyText(action), undone });
    return run.commit([entry], {}, async (tx) => {
      await this.holds.move(tx, hold, status);
      return this.actions.move(tx, action, status, { undone, failure });
    });
  }

  /** It was unclear whose changes these are, and a person keeps them, or gave the run up: nothing is touched. */
  async leave(run: Run, action: Action): Promise<Action> {
    const { manifest } = action.verified!;
    const hold = await run.read((tx) => this.holds.of(tx, action));
    const undone = keptFact((await this.holds.manifest(run.ctx.team, hold.before_manifest)).digest, manifest);
    const failure = run.isToEnd ? action.failure : (action.done?.failure ?? null);
    const entry = aboutAction('action.undone', action, { key: actionKeyText(action), status: 'kept', undone });
    return run.commit([entry], {}, async (tx) => {
      await this.holds.move(tx, hold, 'kept');
      return this.actions.move(tx, action, 'kept', { undone, failure });
    });
  }

  /** The state before could not be brought back, and nobody tries again by himself: the record says so. */
  async fail(run: Run, action: Action, undone: executor.UndoneFact): Promise<Action> {
    const entry = aboutAction('action.undone', action, { key: actionKeyText(action), undone });
    const outcome = undone.outcome as 'conflict' | 'undo_failed';
    return run.commit([entry], {}, async (tx) => {
      const hold = await this.holds.of(tx, action);
      if (hold.status !== 'undoing') await this.holds.move(tx, hold, 'undoing');
      await this.holds.move(tx, hold, outcome);
      const undoing = action.status === 'undoing' ? action : await this.actions.move(tx, action, 'undoing');
      return this.actions.move(tx, undoing, outcome, { undone, failure: undoFailure(undone) });
    });
  }

  /** An undo that the engine cannot carry out. */
  giveUp(run: Run, action: Action, reason: string): Promise<Action> {
    return this.fail(run, action, notUndone(action.undone?.before ?? null, reason));
  }

  private async restore(run: Run, action: Action, hold: Hold): Promise<executor.UndoneFact> {
    const { team } = run.ctx;
    const before = await this.holds.manifest(team, hold.before_manifest);
    let left: Manifest | null;
    try {
      left = hold.left_manifest
        ? await this.holds.manifest(team, hold.left_manifest)
        : await this.unseen(run, action, before);
    } catch (error) {
      if (!isAppError(error) || !error.code.startsWith('workspace.')) throw error;
      return notUndone(before.digest, error.message);
    }
    if (!left && run.execution.ending?.reopened) return notUndone(before.digest, NEVER_SEEN);
    const restored: RestoreOutcome = await this.holds.restore(team, run.root!, before, left);
    return undoneFact(before.digest, restored);
  }

  /** Nobody saw what the action left: of a tool that reaches only what it names, what is there now tells; else nothing. */
  private async unseen(run: Run, { contract }: Action, before: Manifest): Promise<Manifest | null> {
    if (!contract!.confined) return null;
    return leftBy(contract!, before, await this.holds.observe(run.ctx.team, run.root!));
  }
}

const NEVER_SEEN = 'What the action left was never seen, so what others changed since cannot be told from it.';

/**
 * What the action left behind, for its undo to start from: changes it cannot have made are left out, so that an undo
 * meets them as conflicts and overwrites nothing of anybody else's.
 */
export const leftBy = (
  contract: Contract,
  before: Manifest,
  after: Manifest,
  changes = diffManifests(before, after),
): Manifest => {
  const own = ownChanges(contract, changes);
  return own.length === changes.length ? after : applyChanges(before, own);
};

const undoFailure = ({ outcome, problems }: executor.UndoneFact): executor.FailureView => ({
  code: outcome === 'conflict' ? 'hold.conflict' : 'hold.undo_failed',
  message: problems[0] ? problemText(problems[0]) : 'The state before could not be restored.',
});

const problemText = ({ path, reason }: executor.UndoneFact['problems'][number]): string =>
  path ? `${path}: ${reason}` : reason;
