import { describe, expect, it } from '@jest/globals';
import { executor } from '#contracts';
import fc from 'fast-check';
import { ACTION_STATUSES, type ActionStatus } from '../action/action.rules.js';
import {
  type EndedAction,
  EXECUTION_TRANSITIONS,
  goesOnAs,
  isTerminal,
  judgeRequest,
  judgeRun,
  NOT_TERMINAL,
  type RequestJudgement,
  requestsOf,
  sourcesOf,
  type Standing,
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

  it('lead out of every status; out of an end only people lead, to a rollback', () => {
    for (const status of EXECUTION_STATUSES.filter((one) => !isTerminal(one))) {
      expect([status, EXECUTION_TRANSITIONS.some(({ from }) => from === status)]).toEqual([status, true]);
    }
    const reopened = EXECUTION_TRANSITIONS.filter(({ from }) => isTerminal(from));
    expect(new Set(reopened.map(({ to, by }) => `${to} by ${by}`))).toEqual(new Set(['verifying by caller']));
    const final = EXECUTION_STATUSES.filter((one) => !EXECUTION_TRANSITIONS.some(({ from }) => from === one));
    expect(final.sort()).toEqual(['denied', 'expired', 'rolled_back']);
    expect(sourcesOf('verifying', true).filter(isTerminal)).toEqual([]);
    expect(sourcesOf('verifying').filter(isTerminal)).toHaveLength(reopened.length);
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
const stopped = { code: 'execution.stopped', message: 'by ada' };
const calm: Parameters<typeof judgeRun>[1] = { stop: null, rolledBack: false, cancelled: false, stopped: null };

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
    ['stopped', [kept, undone], { cancelled: true, stopped }, 'cancelled', 'execution.stopped'],
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
  const anyEnding = fc.record({
    stop: fc.constantFrom(null, stop),
    rolledBack: fc.boolean(),
    cancelled: fc.boolean(),
    stopped: fc.constantFrom(null, stopped),
  });

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

const nobodyAsked: Standing = {
  status: 'running',
  paused_reason: null,
  pause_requested: false,
  cancel_requested: false,
  rollback_requested: false,
  undoable: false,
};
const pausedBy = (paused_reason: executor.PauseReason): Partial<Standing> => ({ status: 'paused', paused_reason });

describe('what may be asked of a run', () => {
  it.each<[string, Partial<Standing>, executor.ExecutionRequest[]]>([
    ['submitted', { status: 'submitted' }, ['pause', 'cancel', 'rollback']],
    ['waiting for its own approval', { status: 'awaiting_approval' }, ['pause', 'cancel', 'rollback']],
    ['queued', { status: 'queued' }, ['pause', 'cancel', 'rollback']],
    ['running', {}, ['pause', 'cancel', 'rollback']],
    ['running, a pause asked for', { pause_requested: true }, ['resume', 'cancel', 'rollback']],
    ['queued, a pause asked for', { status: 'queued', pause_requested: true }, ['resume', 'cancel', 'rollback']],
    ['waiting for an approval', pausedBy('approval'), ['pause', 'cancel', 'rollback']],
    [
      'waiting for an approval, a pause asked for',
      { ...pausedBy('approval'), pause_requested: true },
      ['resume', 'cancel', 'rollback'],
    ],
    ['paused by a person', pausedBy('person'), ['resume', 'cancel', 'rollback']],
    ['paused as inconclusive', pausedBy('inconclusive'), ['resume', 'cancel', 'rollback']],
    ['paused for want of a worker', pausedBy('worker'), ['cancel', 'rollback']],
    ['asked to end', { cancel_requested: true }, ['rollback']],
    ['paused and asked to end', { ...pausedBy('person'), cancel_requested: true }, ['rollback']],
    ['asked to roll back', { rollback_requested: true }, []],
    ['asked to end and to roll back', { cancel_requested: true, rollback_requested: true }, []],
    ['verifying', { status: 'verifying' }, []],
    ['rolling back', { status: 'verifying', rollback_requested: true }, []],
    ['succeeded, with effects', { status: 'succeeded', undoable: true }, ['rollback']],
    ['succeeded, without', { status: 'succeeded' }, []],
    ['rolled back', { status: 'rolled_back', rollback_requested: true }, []],
    [
      'rolled back in vain',
      { status: 'rollback_failed', rollback_requested: true, cancel_requested: true, undoable: true },
      ['rollback'],
    ],
    ['denied', { status: 'denied' }, []],
  ])('that is %s', (_, standing, may) => {
    expect(requestsOf({ ...nobodyAsked, ...standing })).toEqual(may);
  });

  it.each<[executor.ExecutionRequest, string, Partial<Standing>, string]>([
    ['pause', 'twice', { pause_requested: true }, 'repeated'],
    ['pause', 'of one that is paused', pausedBy('person'), 'repeated'],
    ['pause', 'of one that waits for a look', pausedBy('inconclusive'), 'repeated'],
    ['pause', 'after the end', { status: 'failed' }, 'ended'],
    ['pause', 'after a cancel', { cancel_requested: true }, 'ending'],
    ['pause', 'after a rollback', { rollback_requested: true }, 'ending'],
    ['pause', 'while it is judged', { status: 'verifying' }, 'ending'],
    ['resume', 'of one that runs', {}, 'not_paused'],
    ['resume', 'of one that is queued', { status: 'queued' }, 'not_paused'],
    ['resume', 'of one that waits for an approval', pausedBy('approval'), 'waits_for_approval'],
    ['resume', 'of one that waits for its own approval', { status: 'awaiting_approval' }, 'waits_for_approval'],
    ['resume', 'after the end', { status: 'succeeded' }, 'ended'],
    ['cancel', 'twice', { cancel_requested: true }, 'repeated'],
    ['cancel', 'twice, the second one late', { status: 'verifying', cancel_requested: true }, 'repeated'],
    ['cancel', 'after the end', { status: 'cancelled', cancel_requested: true }, 'ended'],
    ['cancel', 'after a rollback', { cancel_requested: true, rollback_requested: true }, 'ending'],
    ['rollback', 'twice', { rollback_requested: true }, 'repeated'],
    ['rollback', 'twice, the second one late', { status: 'verifying', rollback_requested: true }, 'repeated'],
    ['rollback', 'while it is judged', { status: 'verifying' }, 'ending'],
    ['rollback', 'of nothing', { status: 'succeeded' }, 'nothing_to_undo'],
    ['rollback', 'of what was rolled back', { status: 'rolled_back', rollback_requested: true }, 'nothing_to_undo'],
  ])('%s %s', (request, _, standing, outcome) => {
    const judged = judgeRequest(request, { ...nobodyAsked, ...standing });
    expect(judged.kind === 'refused' ? judged.why : judged.kind).toBe(outcome);
  });

  const anyStanding = fc.record<Standing>({
    status: fc.constantFrom(...EXECUTION_STATUSES),
    paused_reason: fc.constantFrom(null, ...executor.PAUSE_REASONS),
    pause_requested: fc.boolean(),
    cancel_requested: fc.boolean(),
    rollback_requested: fc.boolean(),
    undoable: fc.boolean(),
  });

  it('is never something that asks an ended run to go on, and never refused as an end before that', () => {
    fc.assert(
      fc.property(fc.constantFrom(...executor.EXECUTION_REQUESTS), anyStanding, (request, standing) => {
        const judged: RequestJudgement = judgeRequest(request, standing);
        if (isTerminal(standing.status))
          expect(judged.kind === 'taken').toBe(request === 'rollback' && standing.undoable);
        else expect(judged).not.toEqual({ kind: 'refused', why: 'ended' });
      }),
    );
  });
});

describe('a run that people let go on', () => {
  const paused = { status: 'paused', paused_reason: 'person', begun: true, has_approval: false } as const;
  it.each<[string, Parameters<typeof goesOnAs>[0], Status, executor.PauseReason | null]>([
    ['runs', paused, 'running', null],
    ['waits for its folder again', { ...paused, begun: false }, 'queued', null],
    ['looks at its own approval', { ...paused, begun: false, has_approval: true }, 'awaiting_approval', null],
    ["looks at its action's approval", { ...paused, has_approval: true }, 'paused', 'approval'],
    ['keeps what nobody could judge', { ...paused, paused_reason: 'inconclusive' }, 'running', null],
    ['had not paused yet', { ...paused, status: 'running', paused_reason: null }, 'running', null],
    ['still waits for its answer', { ...paused, paused_reason: 'approval', has_approval: true }, 'paused', 'approval'],
  ])('%s', (_, before, status, paused_reason) => {
    expect(goesOnAs(before)).toEqual({ status, paused_reason });
  });
});
