import { describe, expect, it } from '@jest/globals';
import type { Approval } from '#client/browser';
import {
  afterwards,
  approvalTabOf,
  argumentText,
  byDeadline,
  needsText,
  nextOf,
  pathsOf,
  sameText,
  stillNeeded,
  unforeseen,
  wishOf,
} from './approval.rules.js';

const vote = (id: string, decision: 'approve' | 'reject' = 'approve'): Approval['votes'][number] => ({
  by: { kind: 'person', id, name: id },
  decision,
  reason: null,
  at: '2026-01-01T00:00:00.000Z',
  is_void: false,
});

const asked = (part: Partial<Approval>): Approval =>
  ({ tool: 'file.delete@v1', target: {}, arguments: {}, preview: null, task_description: null, ...part }) as Approval;

describe('the inbox', () => {
  it('has the nearest deadline first', () => {
    const of = (id: string, expires_at: string): Approval => asked({ id, expires_at });
    const list = [
      of('c', '2026-01-01T00:02:00.000Z'),
      of('b', '2026-01-01T00:01:00.000Z'),
      of('a', '2026-01-01T00:02:00.000Z'),
    ];
    expect(byDeadline(list).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
  });

  it('takes only its own tabs from the address', () => {
    expect(approvalTabOf({ tab: 'answered' })).toEqual({ tab: 'answered' });
    expect(approvalTabOf({ tab: 'pending' })).toEqual({});
    expect(approvalTabOf({ tab: ['all'] })).toEqual({});
  });

  it.each([
    ['the one after it', 'b', 'c'],
    ['one that others have to answer is passed over', 'c', 'e'],
    ['after the last the first', 'e', 'a'],
    ['the first, when it is no longer there', 'gone', 'a'],
  ])('goes on with %s', (_, left, next) => {
    const pending = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, can_decide: id !== 'd' }));
    expect(nextOf(pending, left)).toBe(next);
  });

  it('goes on with what others answer when nothing else is left, and then with nothing', () => {
    expect(
      nextOf(
        [
          { id: 'a', can_decide: true },
          { id: 'b', can_decide: false },
        ],
        'a',
      ),
    ).toBe('b');
    expect(nextOf([{ id: 'a', can_decide: true }], 'a')).toBeNull();
  });
});

describe('how many have to say yes', () => {
  it.each([
    [1, [], 'needs 1 approver', 1],
    [2, [], 'needs 2 approvers', 2],
    [2, [vote('a')], 'needs 2 approvers, 1 said yes', 1],
    [2, [vote('a'), vote('a')], 'needs 2 approvers, 1 said yes', 1],
    [2, [vote('a'), vote('b', 'reject')], 'needs 2 approvers, 1 said yes', 1],
  ])('%i of %j', (approvers_needed, votes, words, left) => {
    expect(needsText({ approvers_needed, votes })).toBe(words);
    expect(stillNeeded({ approvers_needed, votes })).toBe(left);
  });

  it('is told after a yes that was not the last one', () => {
    const answer = { status: 'pending', approvers_needed: 2, votes: [vote('a')], runs_elsewhere: false } as const;
    expect(afterwards({ ...answer, votes: [...answer.votes] }).message).toContain('Another approver is still needed');
    expect(
      afterwards({ status: 'approved', approvers_needed: 1, votes: [vote('a')], runs_elsewhere: false }).title,
    ).toBe('Approved');
  });

  it('promises nothing of an agent that runs elsewhere', () => {
    const answer = { approvers_needed: 1, votes: [vote('a')], runs_elsewhere: true };
    expect(afterwards({ ...answer, status: 'approved' }).message).toContain('Nobody here sees what it then does');
    expect(afterwards({ ...answer, status: 'rejected' }).message).toBe('The agent is told no when it asks again.');
    expect(unforeseen({ preview: null, runs_elsewhere: false })).toContain('held, looked at and judged');
    expect(unforeseen({ preview: [], runs_elsewhere: false })).toBe('Nothing would change.');
    expect(unforeseen({ preview: null, runs_elsewhere: true })).toMatch(
      /no hold and no sandbox.*nobody here can take it back/,
    );
  });
});

describe('what is asked for', () => {
  it.each<[Partial<Approval>, string, string[]]>([
    [{ target: { kind: 'path', path: 'data/a.db' } }, 'delete', ['data/a.db']],
    [{ target: { path: 'data' }, arguments: { recursive: true } }, 'delete, with everything in it,', ['data']],
    [{ tool: 'file.write@v1', target: { path: 'a' } }, 'write', ['a']],
    [{ tool: 'shell.run@v1', arguments: { argv: ['rm', '-rf', 'x y'] } }, 'run', ['rm -rf "x y"']],
    [{ tool: 'execution.submit@v1', task_description: 'Tidy up' }, 'start a run:', ['Tidy up']],
    [{ tool: 'mail.send@v2', target: { to: 'x' } }, 'use mail.send on', []],
    [{ target: { path: { not: 'a text' } } }, 'delete', []],
  ])('%j', (part, verb, objects) => {
    expect(wishOf(asked(part))).toEqual({ verb, objects });
  });

  it('is the same in a list, which has no preview, and names what it would change', () => {
    const preview: Approval['preview'] = [
      { path: 'a', change: 'created', before: null, after: null, diff: null, note: null },
    ];
    const write = { tool: 'file.write@v1', target: { path: 'a' } };
    expect(wishOf(asked({ ...write, preview }))).toEqual(wishOf(asked({ ...write, preview: null })));
    expect(pathsOf({ target: { path: 'a' }, preview: [...preview, { ...preview[0]!, path: 'b' }] })).toEqual([
      'a',
      'b',
    ]);
  });

  it.each([
    ['a', '"a"'],
    ['a\nb', 'a\nb'],
    ['a\n', '"a\\n"'],
    [{ a: [1, 'x'] }, '{ "a": [ 1, "x" ] }'],
    [null, 'null'],
  ])('has arguments to read: %j', (value, text) => {
    expect(argumentText(value)).toBe(text);
  });
});

it.each([
  [{ answered: 0, refused: 0 }, ''],
  [{ answered: 1, refused: 0 }, ' 1 identical request got the same answer.'],
  [{ answered: 2, refused: 1 }, ' 2 identical requests got the same answer; 1 could not be answered.'],
  [{ answered: 0, refused: 2 }, ' 2 identical requests could not be answered.'],
])('answers to identical requests %j', (answers, text) => {
  expect(sameText(answers)).toBe(text);
});

it('a yes to arguments that were edited since does not count', () => {
  const votes = [{ ...vote('a'), is_void: true }, vote('b')];
  expect(stillNeeded({ approvers_needed: 2, votes })).toBe(1);
});
