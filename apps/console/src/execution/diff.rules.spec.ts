import { describe, expect, it } from '@jest/globals';
import type { Action, Step } from '#client/browser';
import { countChanges, observedChanges, unlisted } from './diff.rules.js';

const action = (index: number, changes: [string, string][], more: object = {}): Action =>
  ({
    key: `e/1/${index}`,
    tool: 'shell.run@v1',
    verified: {
      verdict: 'verified',
      change_count: changes.length,
      changes: changes.map(([change, path]) => ({ change, path })),
      deviations: [],
      manifest: 'sha256:a',
    },
    undone: { outcome: 'kept', restored: 0, problems: [] },
    ...more,
  }) as unknown as Action;
const step = (...actions: Action[]): Step => ({ step: 1, actions });

describe('the observed diff of a run', () => {
  it('says of each change which action made it and what became of it', () => {
    const kept = action(0, [['created', 'a']]);
    const back = action(1, [['deleted', 'b']], { undone: { outcome: 'undone', restored: 1, problems: [] } });
    const stuck = action(2, [['modified', 'c']], { undone: { outcome: 'conflict', restored: 0, problems: [] } });
    const now = action(3, [['modified', 'd']], { status: 'undoing' });
    const changes = observedChanges([step(kept, back, stuck, now)]);
    expect(changes.map(({ path, fate, key }) => [path, fate, key])).toEqual([
      ['a', 'kept', 'e/1/0'],
      ['b', 'undone', 'e/1/1'],
      ['c', 'not_undone', 'e/1/2'],
      ['d', 'open', 'e/1/3'],
    ]);
    expect(countChanges(changes)).toEqual({
      created: 1,
      modified: 2,
      deleted: 1,
      kept: 1,
      undone: 1,
      not_undone: 1,
      open: 1,
    });
  });

  it('marks what the contract did not expect', () => {
    const deviated = action(0, [
      ['modified', 'logs/a'],
      ['modified', 'config/x'],
    ]);
    deviated.verified!.verdict = 'deviated';
    deviated.verified!.deviations = [{ path: 'config/x', change: 'modified', reason: 'not expected' }];
    expect(observedChanges([step(deviated)]).map(({ path, deviates }) => [path, deviates])).toEqual([
      ['logs/a', false],
      ['config/x', true],
    ]);
  });

  it('counts the changes that no list names', () => {
    const many = action(0, [['created', 'a']]);
    many.verified!.change_count = 250;
    expect(unlisted([step(many, { key: 'e/1/1' })])).toBe(249);
  });
});
