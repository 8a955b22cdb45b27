import { describe, expect, it } from '@jest/globals';
import type { Approval } from '#client';
import { actionText, answerText, approvalLines } from './approval.rules.js';

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
    votes: [
      ...Array.from({ length: yes }, () => ({ decision: 'approve', is_void: false, by: { name: 'x' } })),
      { decision: 'approve', is_void: true },
    ],
  }) as unknown as Approval;

it.each([
  ['rejected', 0, 'Rejected: x@v1 a.'],
  ['approved', 2, 'Approved: x@v1 a.'],
  ['claimed', 2, 'Approved: x@v1 a.'],
  ['pending', 1, 'Your yes to x@v1 a counts; 1 of 2 approvers so far.'],
] as const)('an answer that makes it %s with %i yes', (status, yes, text) => {
  expect(answerText(answered(status, yes))).toBe(text);
});

describe('everything about a question', () => {
  const asked: Approval = {
    id: 'i',
    status: 'pending',
    execution_id: 'run-1',
    step: 3,
    index: 0,
    digest: 'sha256:aa',
    agent_id: 'tidy',
    runs_elsewhere: false,
    tool: 'file.write@v1',
    arguments: { path: 'a' },
    target: {},
    risk: 0.3,
    task_description: 'Tidy\nup.',
    preview: [
      {
        path: 'a',
        change: 'modified',
        before: 'sha256:bb',
        after: 'sha256:cc',
        diff: '--- a\n+++ a\n@@ -1 +1 @@\n-\tx  y\n+\u001b[2K</script>\u202ez\r\n',
        note: 'A note.',
      },
    ],
    tier_needed: 2,
    approvers_needed: 1,
    determining_policies: ['change-protected-files'],
    policy_epoch: 1,
    reasons: ['Protected.'],
    requested_by: { kind: 'person', id: 'p', name: 'ada' },
    on_behalf_of: { kind: 'person', id: 'p', name: 'ada' },
    votes: [],
    edits: [],
    same_as: [],
    requested_at: '2026-11-20T10:00:00.000Z',
    expires_at: '2026-11-20T10:15:00.000Z',
    can_decide: false,
    cannot_decide_because: 'You asked for it.',
  };

  it('is shown: the action, its digest, who, why, and the diff', () => {
    expect(approvalLines(asked)).toEqual([
      'Action      file.write@v1 a',
      'Digest      sha256:aa',
      'Run         run-1, step 3',
      'Task        Tidy up.',
      'Asked by    ada',
      'Why         Protected. (change-protected-files)',
      'Risk        0.30',
      'Status      pending, 0 of 1 approvers',
      'Deadline    2026-11-20T10:15:00.000Z',
      'You         You asked for it.',
      '',
      '{',
      '  "path": "a"',
      '}',
      '',
      'Modified    a',
      '  before    sha256:bb',
      '  after     sha256:cc',
      '  note      A note.',
      '--- a',
      '+++ a',
      '@@ -1 +1 @@',
      '-\tx  y',
      '+\ufffd[2K</script>\ufffdz\ufffd',
    ]);
  });

  it('says whose the arguments are, what they were, what waits beside it and for how long it has', () => {
    const by = { kind: 'person' as const, id: 'q', name: 'bob\u001b[1A' };
    const at = '2026-11-20T10:05:00.000Z';
    const lines = approvalLines({
      ...asked,
      edits: [{ by, at, before: { path: 'old' }, after: { path: 'a' }, before_digest: 'sha256:00', after_digest: 'x' }],
      votes: [{ by, decision: 'approve', at, is_void: true }],
      same_as: ['j', 'k'],
      escalated_at: at,
    });
    expect(lines).toEqual(
      expect.arrayContaining([
        'Status      pending, 0 of 1 approvers',
        `Escalated   ${at}, to admins`,
        'Same as     j k',
        `Edited by   bob\ufffd[1A, ${at}; before (sha256:00):`,
        '  "path": "old"',
      ]),
    );
  });

  it('says so where nothing can be foreseen, and who is behind it', () => {
    const lines = approvalLines({
      ...asked,
      preview: null,
      risk: null,
      cannot_decide_because: null,
      on_behalf_of: { kind: 'person', id: 'q', name: 'bob\u001b[1A' },
    });
    expect(lines).toContain('What it changes cannot be foreseen.');
    expect(lines).toContain('Asked by    ada for bob\ufffd[1A');
    expect(lines).toContain('Risk        unknown');
    expect(lines).toContain('You         can approve or reject it.');
    const elsewhere = approvalLines({ ...asked, runs_elsewhere: true });
    expect(elsewhere).toContainEqual(expect.stringMatching(/^Elsewhere   .*nobody here .* can take it back$/));
    expect(lines).not.toContainEqual(expect.stringContaining('Elsewhere'));
  });
});
