import { describe, expect, it } from '@jest/globals';
import type { executor } from '#contracts';
import {
  ACTION_STATUSES,
  ACTION_TRANSITIONS,
  type ActionStatus,
  failureOf,
  hasEffect,
  isFinished,
  isUndoable,
  mayMove,
  sourcesOf,
} from './action.rules.js';

describe('the moves of an action', () => {
  it('lead to every status from proposed', () => {
    const reached = new Set<ActionStatus>(['proposed']);
    for (let before = 0; before < reached.size;) {
      before = reached.size;
      for (const { from, to } of ACTION_TRANSITIONS) if (reached.has(from)) reached.add(to);
    }
    expect([...reached].sort()).toEqual([...ACTION_STATUSES].sort());
  });

  it('lead out of no finished status, but for the rollback of what was kept or could not be undone', () => {
    const out = ACTION_TRANSITIONS.filter(({ from }) => isFinished(from));
    expect(out.map(({ from, to, by }) => `${from} ${to} ${by}`)).toEqual([
      'kept undoing driver',
      'conflict undoing person',
      'undo_failed undoing person',
    ]);
  });

  it('lead out of every status that is not finished', () => {
    for (const status of ACTION_STATUSES.filter((one) => !isFinished(one))) {
      expect(ACTION_TRANSITIONS.some(({ from, to }) => from === status && to !== status)).toBe(true);
    }
  });

  it('are listed once', () => {
    const rows = ACTION_TRANSITIONS.map(({ from, to }) => `${from} ${to}`);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it('never touch the world before authorisation', () => {
    expect(sourcesOf('started').sort()).toEqual(['authorised', 'started']);
    expect(sourcesOf('authorised').sort()).toEqual(['awaiting_approval', 'proposed']);
    expect(sourcesOf('kept').every((from) => ['started', 'inconclusive'].includes(from))).toBe(true);
  });

  it('are the ones that may be made', () => {
    for (const from of ACTION_STATUSES) {
      for (const to of ACTION_STATUSES) expect(mayMove(from, to)).toBe(sourcesOf(to).includes(from));
    }
    expect(mayMove('proposed', 'started')).toBe(false);
    expect(mayMove('started', 'started')).toBe(true);
  });
});

describe('what the driver is told of an action', () => {
  const verified = (verdict: executor.VerifiedFact['verdict'], reason?: string): executor.VerifiedFact => ({
    verdict,
    change_count: 1,
    changes: [],
    deviations: reason ? [{ reason }] : [],
    manifest: '',
  });
  const failure = { code: 'shell.failed', message: 'ended with code 1' };

  it.each<[string, Parameters<typeof failureOf>[0], executor.FailureView | null]>([
    ['kept and verified', { status: 'kept', failure: null, verified: verified('verified') }, null],
    ['kept, but its tool failed', { status: 'kept', failure, verified: verified('verified') }, failure],
    [
      'kept, and nobody could verify it',
      { status: 'kept', failure: null, verified: verified('unverifiable') },
      { code: 'contract.unverifiable', message: 'Nobody could verify what the action did.' },
    ],
    [
      'kept without having been looked at',
      { status: 'kept', failure: null, verified: null },
      { code: 'contract.unverifiable', message: 'Nobody could verify what the action did.' },
    ],
    [
      'kept by a person who looked at it',
      { status: 'kept', failure: null, verified: verified('inconclusive', 'b was created meanwhile') },
      null,
    ],
    ['kept by a person, but its tool failed', { status: 'kept', failure, verified: verified('inconclusive') }, failure],
    [
      'undone',
      { status: 'undone', failure: null, verified: verified('deviated', 'b was created') },
      { code: 'contract.deviated', message: 'b was created' },
    ],
    [
      'denied without a word',
      { status: 'denied', failure: null, verified: null },
      { code: 'contract.deviated', message: 'The action ended denied.' },
    ],
  ])('%s', (_, action, told) => {
    expect(failureOf(action)).toEqual(told);
  });

  it('is a success for no status but kept', () => {
    for (const status of ACTION_STATUSES.filter((one) => one !== 'kept')) {
      expect(failureOf({ status, failure: null, verified: verified('verified') })).not.toBeNull();
    }
  });
});

describe('what a rollback finds to take back', () => {
  const seen = (verdict: executor.VerifiedFact['verdict'], change_count: number): executor.VerifiedFact => ({
    verdict,
    change_count,
    changes: [],
    deviations: [],
    manifest: '',
  });

  it.each<[ActionStatus, executor.VerifiedFact | null, boolean]>([
    ['kept', seen('verified', 1), true],
    ['kept', seen('verified', 0), false],
    ['kept', seen('inconclusive', 0), true],
    ['undone', seen('deviated', 2), false],
    ['conflict', seen('deviated', 2), true],
    ['undo_failed', seen('verified', 1), true],
    ['undoing', seen('verified', 1), true],
    ['started', null, true],
    ['inconclusive', seen('inconclusive', 1), true],
    ['authorised', null, false],
    ['skipped', null, false],
    ['denied', null, false],
  ])('%s with %j: %p', (status, verified, undoable) => {
    expect(isUndoable({ status, verified })).toBe(undoable);
    expect(hasEffect({ status, verified })).toBe(status === 'kept' && undoable);
    if (undoable && status !== 'undoing') expect(mayMove(status, 'undoing')).toBe(true);
  });
});
