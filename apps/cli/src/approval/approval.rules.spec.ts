import { expect, it } from '@jest/globals';
import type { Approval } from '#client';
import { actionText, answerText } from './approval.rules.js';

it.each([
  [{ path: 'data/a.db' }, 'x@v1 data/a.db'],
  [{ argv: ['rm', '-r', 'a'], env: {} }, 'x@v1 rm -r a'],
  [{ host: 'a' }, 'x@v1 {"host":"a"}'],
])('an action on %j', (args, text) => {
  expect(actionText({ tool: 'x@v1', arguments: args })).toBe(text);
});

const answered = (status: Approval['status'], yes: number): Approval =>
  ({
    status,
    tool: 'x@v1',
    arguments: { path: 'a' },
    approvers_needed: 2,
    votes: Array.from({ length: yes }, () => ({ decision: 'approve' })),
  }) as unknown as Approval;

it.each([
  ['rejected', 0, 'Rejected: x@v1 a.'],
  ['approved', 2, 'Approved: x@v1 a.'],
  ['claimed', 2, 'Approved: x@v1 a.'],
  ['pending', 1, 'Your yes to x@v1 a counts; 1 of 2 approvers so far.'],
] as const)('an answer that makes it %s with %i yes', (status, yes, text) => {
  expect(answerText(answered(status, yes))).toBe(text);
});
