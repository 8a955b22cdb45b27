import { describe, expect, it } from '@jest/globals';
import type { Execution } from '#client/browser';
import { onItsWay, requestWords } from './request.rules.js';

const run = (more: object = {}): Execution =>
  ({
    phase: 'running',
    status: 'running',
    paused_reason: null,
    started_at: '2026-01-01T00:00:00Z',
    ...more,
  }) as Execution;
const nothing = { changes: 0, actions: 0, unread: 0 };
const says = (...args: Parameters<typeof requestWords>) => requestWords(...args).says.join(' ');

describe('a confirmation says exactly what will happen', () => {
  it.each([
    [{ changes: 3, actions: 2, unread: 0 }, '3 kept changes in 2 actions will be put back'],
    [{ changes: 1, actions: 1, unread: 0 }, '1 kept change in 1 action will be put back'],
    [nothing, 'nothing to put back yet'],
    [{ changes: 3, actions: 2, unread: 900 }, 'At least 3 kept changes in 2 actions will be put back; 900 steps'],
  ])('roll back %j', (toPutBack, words) => {
    expect(says('rollback', run(), toPutBack)).toContain(words);
  });

  it('a run that has ended is not ended once more by a rollback', () => {
    expect(says('rollback', run({ phase: 'completed' }), nothing)).not.toContain('It ends.');
    expect(says('rollback', run(), nothing)).toContain('It ends.');
  });

  it('cancelling keeps what was kept, and before the start there is nothing', () => {
    expect(says('cancel', run(), nothing)).toContain('kept stay');
    expect(says('cancel', run({ started_at: null }), nothing)).toContain('nothing was changed');
  });

  it('resuming what nobody could judge keeps it', () => {
    expect(says('resume', run({ status: 'paused', paused_reason: 'inconclusive' }), nothing)).toContain('It is kept');
    expect(says('resume', run({ status: 'paused', paused_reason: 'person' }), nothing)).toContain('where it stopped');
    expect(says('resume', run(), nothing)).toContain('taken back');
  });

  it('pausing what waits for an approval outlasts the answer', () => {
    expect(says('pause', run({ status: 'paused', paused_reason: 'approval' }), nothing)).toContain('stays paused');
  });
});

describe('what is on its way', () => {
  it.each([
    [{}, null],
    [{ pause_requested: true }, 'pausing …'],
    [{ pause_requested: true, status: 'paused' }, null],
    [{ pause_requested: true, cancel_requested: true }, 'cancelling …'],
    [{ cancel_requested: true, rollback_requested: true }, 'rolling back …'],
    [{ rollback_requested: true, phase: 'completed' }, null],
  ])('%j', (more, words) => {
    expect(onItsWay(run(more))).toBe(words);
  });
});
