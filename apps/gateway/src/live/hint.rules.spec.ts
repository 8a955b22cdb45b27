import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { permissionsOf } from '../auth/permission.rules.js';
import { hasEars, HINT_WINDOW_MS, HintWindows, mayHear } from './hint.rules.js';

describe('who hears a hint', () => {
  it.each([
    ['viewer', 'execution.changed', true],
    ['viewer', 'approval.requested', true],
    ['viewer', 'approval.escalated', true],
    ['viewer', 'bypass.changed', false],
    ['approver', 'bypass.changed', true],
    ['viewer', 'member.changed', true],
    ['installation_admin', 'member.changed', true],
    ['installation_admin', 'execution.finished', false],
    ['installation_admin', 'approval.decided', false],
  ] as const)('%s, %s: %s', (role, type, hears) => {
    expect(mayHear(permissionsOf([role]), { type })).toBe(hears);
  });

  it('is nobody without a role', () => {
    expect([hasEars(permissionsOf([])), hasEars(permissionsOf(['installation_admin']))]).toEqual([false, true]);
  });
});

describe('the windows of hints', () => {
  it('let the first through, hold back the rest, and tell the last when they end', () => {
    const windows = new HintWindows();
    expect([windows.offer('a', 0), windows.offer('a', 1), windows.offer('b', 2), windows.offer('a', 249)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(windows.due(249)).toEqual([]);
    expect(windows.due(250)).toEqual(['a']);
    expect(windows.offer('a', 260)).toBe(false);
    expect(windows.due(252)).toEqual([]);
    expect(windows.due(500)).toEqual(['a']);
    expect(windows.due(750)).toEqual([]);
    expect(windows.isEmpty).toBe(true);
  });

  it('tell of one id at most once a window, and never leave out the last change', () => {
    const change = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 300 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const windows = new HintWindows();
        const told = new Map<string, number[]>();
        const tell = (id: string, ms: number) => told.set(id, [...(told.get(id) ?? []), ms]);
        const last = new Map<string, number>();
        let now = 0;
        for (const [id, pause] of changes) {
          now += pause;
          for (const due of windows.due(now)) tell(due, now);
          last.set(id, now);
          if (windows.offer(id, now)) tell(id, now);
        }
        while (!windows.isEmpty) {
          now += HINT_WINDOW_MS;
          for (const due of windows.due(now)) tell(due, now);
        }
        for (const [id, ms] of last) {
          const times = told.get(id)!;
          expect(times.at(-1)).toBeGreaterThanOrEqual(ms);
          times.slice(1).forEach((time, n) => expect(time - times[n]!).toBeGreaterThanOrEqual(HINT_WINDOW_MS));
        }
      }),
    );
  });
});
