import { describe, expect, it } from '@jest/globals';
import { HOLD_STATUSES, HOLD_TRANSITIONS, type HoldStatus, notUndone, sourcesOf, undoneFact } from './hold.rules.js';

describe('the moves of a hold', () => {
  it('lead to every status from held', () => {
    const reached = new Set<HoldStatus>(['held']);
    for (let before = 0; before < reached.size;) {
      before = reached.size;
      for (const { from, to } of HOLD_TRANSITIONS) if (reached.has(from)) reached.add(to);
    }
    expect([...reached].sort()).toEqual([...HOLD_STATUSES].sort());
  });

  it('end with an undo; what is kept, or could not be undone, may still be undone', () => {
    const final = HOLD_STATUSES.filter((status) => !HOLD_TRANSITIONS.some(({ from }) => from === status));
    expect(final).toEqual(['undone']);
    expect(sourcesOf('undoing').sort()).toEqual(['conflict', 'held', 'kept', 'undo_failed']);
  });

  it('are listed once', () => {
    const rows = HOLD_TRANSITIONS.map(({ from, to }) => `${from} ${to}`);
    expect(new Set(rows).size).toBe(rows.length);
  });
});

describe('what people are told of an undo', () => {
  it('that succeeded: both digests and how many paths were put back', () => {
    expect(undoneFact('sha256:a', { outcome: 'undone', digest: 'sha256:a', restored: ['x', 'y'] })).toEqual({
      outcome: 'undone',
      before: 'sha256:a',
      after: 'sha256:a',
      restored: 2,
      problems: [],
    });
  });

  it('that met somebody else, or failed: what stands in the way', () => {
    const problem = { path: 'x', reason: 'was changed by somebody else' };
    const told = undoneFact('sha256:a', {
      outcome: 'conflict',
      digest: 'sha256:b',
      restored: [],
      conflicts: [problem],
    });
    expect(told).toMatchObject({ outcome: 'conflict', after: 'sha256:b', problems: [problem] });
    const failed = undoneFact('sha256:a', { outcome: 'undo_failed', digest: null, restored: [], failures: [problem] });
    expect(failed).toMatchObject({ outcome: 'undo_failed', after: null, problems: [problem] });
  });

  it('shows the first 50 problems, redacted', () => {
    const conflicts = Array.from({ length: 60 }, (_, i) => ({ path: `${i} somebody@example.org`, reason: 'changed' }));
    const { problems } = undoneFact('sha256:a', { outcome: 'conflict', digest: 'sha256:b', restored: [], conflicts });
    expect(problems).toHaveLength(50);
    expect(problems[0]!.path).toBe('0 [redacted:email]');
  });

  it('that never came as far as the files: why', () => {
    expect(notUndone('sha256:a', 'somebody@example.org was there')).toEqual({
      outcome: 'undo_failed',
      before: 'sha256:a',
      after: null,
      restored: 0,
      problems: [{ reason: '[redacted:email] was there' }],
    });
  });
});
