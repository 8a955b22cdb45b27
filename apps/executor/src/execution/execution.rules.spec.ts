import { describe, expect, it } from '@jest/globals';
import { executor } from '#contracts';
import fc from 'fast-check';
import { ACTION_STATUSES, type ActionStatus } from '../action/action.rules.js';
import {
  type EndedAction,
  EXECUTION_TRANSITIONS,
  isTerminal,
  judgeRun,
  NOT_TERMINAL,
  sourcesOf,
} from './execution.rules.js';

const { EXECUTION_STATUSES } = executor;
type Status = executor.ExecutionStatus;

describe('the moves of an execution', () => {
  it('lead to every status from submitted', () => {
    const reached = new Set<Status>(['submitted']);
    for (let before = 0; before < reached.size;) {
      before = reached.size;
      for (const { from, to } of EXECUTION_TRANSITIONS) if (reached.has(from)) reached.add(to);
    }
    expect([...reached].sort()).toEqual([...EXECUTION_STATUSES].sort());
  });

  it('lead out of every status but the terminal ones', () => {
    for (const status of EXECUTION_STATUSES) {
      expect([status, EXECUTION_TRANSITIONS.some(({ from }) => from === status)]).toEqual([
        status,
        !isTerminal(status),
      ]);
    }
    expect([...NOT_TERMINAL].sort()).toEqual(EXECUTION_STATUSES.filter((status) => !isTerminal(status)).sort());
  });

  it('lead from everywhere to an end', () => {
    const ends = new Set<Status>(EXECUTION_STATUSES.filter(isTerminal));
    for (let before = 0; before < ends.size;) {
      before = ends.size;
      for (const { from, to } of EXECUTION_TRANSITIONS) if (ends.has(to)) ends.add(from);
    }
    expect(ends.size).toBe(EXECUTION_STATUSES.length);
  });

  it('are listed once', () => {
    const rows = EXECUTION_TRANSITIONS.map(({ from, to }) => `${from} ${to}`);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it('to running come from queued and paused alone', () => {
    expect(sourcesOf('running').sort()).toEqual(['paused', 'queued']);
    expect(sourcesOf('submitted')).toEqual([]);
  });
});

const kept: EndedAction = { status: 'kept', had_effect: true, verdict: 'verified', failure: null };
const failed: EndedAction = { ...kept, had_effect: false, failure: { code: 'shell.failed', message: 'ended with 1' } };
const undone: EndedAction = {
  status: 'undone',
  had_effect: true,
  verdict: 'deviated',
  failure: { code: 'contract.deviated', message: 'b was created' },
};
const unverifiable: EndedAction = {
  ...kept,
  verdict: 'unverifiable',
  failure: { code: 'contract.unverifiable', message: 'nobody saw' },
};
const conflict: EndedAction = { ...undone, status: 'conflict', failure: { code: 'hold.conflict', message: 'c' } };
const undoFailed: EndedAction = { ...conflict, status: 'undo_failed' };
const stop = { code: 'action.denied', message: 'no' };
const calm: Parameters<typeof judgeRun>[1] = { stop: null, rolledBack: false, cancelled: false };

describe('how a run ended', () => {
  it.each<[string, EndedAction[], Partial<typeof calm>, Status, string | null]>([
    ['nothing was done', [], {}, 'succeeded', null],
    ['every action verified', [kept, { ...kept, had_effect: false }], {}, 'succeeded', null],
    ['the driver gave up', [kept], { stop }, 'failed', 'action.denied'],
    ['one was undone, the driver went on', [undone, kept], {}, 'failed', 'contract.deviated'],
    ['a tool failed without a trace, the driver went on', [failed, kept], {}, 'failed', 'shell.failed'],
    ['one could not be verified', [kept, unverifiable], {}, 'unverifiable', 'contract.unverifiable'],
    ['one failed beside one that could not be verified', [unverifiable, failed], {}, 'failed', 'shell.failed'],
    [
      'everything was taken back',
      [{ ...kept, status: 'undone' }],
      { stop, rolledBack: true },
      'rolled_back',
      'action.denied',
    ],
    [
      'what had no effect stayed',
      [{ ...kept, had_effect: false }],
      { stop, rolledBack: true },
      'rolled_back',
      'action.denied',
    ],
    [
      'an effect stayed after a rollback',
      [kept, undone],
      { stop, rolledBack: true },
      'partially_rolled_back',
      'action.denied',
    ],
    ['cancelled', [kept, undone], { cancelled: true }, 'cancelled', 'execution.cancelled'],
    ['cancelled and given up', [kept], { cancelled: true, stop }, 'cancelled', 'execution.cancelled'],
    ["an undo met somebody else's changes", [kept, conflict], {}, 'rollback_failed', 'hold.conflict'],
    ['an undo failed and the run was cancelled', [undoFailed], { cancelled: true }, 'rollback_failed', 'hold.conflict'],
    ['an undo failed in a rollback', [undoFailed], { stop, rolledBack: true }, 'rollback_failed', 'hold.conflict'],
  ])('%s', (_, actions, ending, status, code) => {
    const end = judgeRun(actions, { ...calm, ...ending });
    expect([end.status, end.failure?.code ?? null]).toEqual([status, code]);
  });

  const anyAction = fc.record<EndedAction>({
    status: fc.constantFrom<ActionStatus>(...ACTION_STATUSES),
    had_effect: fc.boolean(),
    verdict: fc.constantFrom('verified', 'deviated', 'inconclusive', 'unverifiable', null),
    failure: fc.constantFrom(null, stop),
  });
  const anyEnding = fc.record({ stop: fc.constantFrom(null, stop), rolledBack: fc.boolean(), cancelled: fc.boolean() });

  it('is a success only when every action was kept, verified and without failure', () => {
    fc.assert(
      fc.property(fc.array(anyAction, { maxLength: 4 }), anyEnding, (actions, ending) => {
        const { status, failure } = judgeRun(actions, ending);
        const clean = actions.every((one) => one.status === 'kept' && one.verdict === 'verified' && !one.failure);
        expect(status === 'succeeded').toBe(clean && !ending.stop && !ending.rolledBack && !ending.cancelled);
        if (status === 'succeeded') expect(failure).toBeNull();
      }),
    );
  });

  it('is a status that verifying may become', () => {
    fc.assert(
      fc.property(fc.array(anyAction, { maxLength: 4 }), anyEnding, (actions, ending) => {
        expect(sourcesOf(judgeRun(actions, ending).status)).toContain('verifying');
      }),
    );
  });
});
