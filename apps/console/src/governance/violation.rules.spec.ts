import { describe, expect, it } from '@jest/globals';
import { changeOf, evidenceText, isOverdue, movesFrom, STATUS_WORDS, STATUSES } from './violation.rules.js';

describe('a violation', () => {
  it.each([
    ['open', ['accepted', 'fixed', 'false_alarm']],
    ['accepted', ['fixed', 'open']],
    ['fixed', ['open']],
    ['false_alarm', ['open']],
  ] as const)('that is %s can become %j', (status, next) =>
    expect(movesFrom(status).map(({ to }) => to)).toEqual(next),
  );

  it('has a key of its own for each thing that can be made of it, and needs a note where it stays as it is', () => {
    for (const status of STATUSES) {
      const moves = movesFrom(status);
      expect(new Set(moves.map(({ key }) => key)).size).toBe(moves.length);
      for (const { to, needsNote } of moves) expect([to, needsNote]).toEqual([to, /^accepted|^false_alarm/.test(to)]);
    }
    expect(Object.keys(STATUS_WORDS)).toEqual([...STATUSES]);
  });

  it.each([
    ['open', 9, true],
    ['open', 11, false],
    ['open', null, false],
    ['accepted', 9, false],
  ] as const)('that is %s and due at %j is overdue at 10: %j', (status, due, overdue) =>
    expect(isOverdue({ status }, due, 10)).toBe(overdue),
  );

  it.each([
    ['text', 'text'],
    [4, '4'],
    [null, 'null'],
    [{ path: 'a', kinds: ['x', 'y'] }, '{ "path": "a", "kinds": [ "x", "y" ] }'],
  ])('shows evidence %j as %s', (value, text) => expect(evidenceText(value)).toBe(text));
});

describe('an assignment', () => {
  const before = { owner: 'ada', due: '2026-12-01' };
  it.each([
    ['the same', before, 'x', {}],
    ['another owner', { ...before, owner: 'bob' }, 'x', { owner: 'bob' }],
    ['nobody', { ...before, owner: '' }, 'x', { owner: null }],
    ['another day', { ...before, due: '2026-12-02' }, 'x', { due_at: 'x' }],
    ['no day', { ...before, due: '' }, null, { due_at: null }],
  ])('to %s sends what changed alone', (_, now, dueAt, sent) => expect(changeOf(before, now, dueAt)).toEqual(sent));
});
