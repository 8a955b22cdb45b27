import { describe, expect, it } from '@jest/globals';
import type { Approval, Execution } from '#client/browser';
import { activityOf } from './activity.rules.js';

const run = (id: string, created_at: string, finished_at: string | null): Execution =>
  ({
    id,
    created_at,
    finished_at,
    status: finished_at ? 'partially_rolled_back' : 'running',
    task_description: `task ${id}`,
    principal: { kind: 'person', id: 'u', name: 'Ada' },
  }) as Execution;

const asked = (decided_at: string | null, by: string | null): Approval =>
  ({
    id: 'a',
    execution_id: '1',
    requested_at: '2026-01-01T00:00:02Z',
    decided_at,
    status: decided_at ? 'rejected' : 'pending',
    tool: 'file.delete@v1',
    votes: by ? [{ by: { name: by } }] : [],
  }) as unknown as Approval;

describe('what happened last', () => {
  it('is told newest first, each event once, and no more than asked for', () => {
    const executions = [
      run('2', '2026-01-01T00:00:03Z', null),
      run('1', '2026-01-01T00:00:00Z', '2026-01-01T00:00:05Z'),
    ];
    const events = activityOf(executions, [asked('2026-01-01T00:00:04Z', 'Grace')], 4);
    expect(events.map(({ sentence, about }) => [sentence, about])).toEqual([
      ['partly rolled back', 'task 1'],
      ['rejected by Grace', 'file.delete@v1'],
      ['Ada submitted', 'task 2'],
      ['asks for approval', 'file.delete@v1'],
    ]);
    expect(new Set(events.map(({ key }) => key)).size).toBe(4);
  });

  it.each([
    ['claimed', 'approved by Grace'],
    ['approved', 'approved by Grace'],
    ['rejected', 'rejected by Grace'],
    ['expired', 'expired'],
    ['withdrawn', 'withdrawn'],
  ])('says of an approval that is %s: %s', (status, sentence) => {
    const approval = { ...asked('2026-01-01T00:00:04Z', 'Grace'), status } as Approval;
    expect(activityOf([], [approval], 1)[0]!.sentence).toBe(sentence);
  });

  it('names nobody when time alone answered', () => {
    expect(activityOf([], [asked('2026-01-01T00:00:09Z', null)], 1)).toEqual([
      expect.objectContaining({ kind: 'answered', sentence: 'rejected', execution_id: '1', approval_id: 'a' }),
    ]);
  });
});
