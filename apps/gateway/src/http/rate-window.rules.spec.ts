import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RateWindow } from './rate-window.rules.js';

const quota = { calls: 3, windowMs: 1_000 };

describe('a rate window', () => {
  it('lets its calls through, then none, then begins anew', () => {
    const window = new RateWindow(quota);
    expect([0, 1, 2, 3].map((now) => window.take('a', now).allowed)).toEqual([true, true, true, false]);
    expect(window.take('a', 999)).toEqual({ allowed: false, remaining: 0, resetMs: 1 });
    expect(window.take('a', 1_000)).toEqual({ allowed: true, remaining: 2, resetMs: 1_000 });
  });

  it('counts keys apart, and forgets one on request', () => {
    const window = new RateWindow(quota);
    for (const now of [0, 0, 0]) window.take('a', now);
    expect(window.take('a', 0).allowed).toBe(false);
    expect(window.take('b', 0).allowed).toBe(true);
    window.forget('a');
    expect(window.take('a', 0).allowed).toBe(true);
  });

  it('never lets more through in a window than its quota, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.nat(400)), { maxLength: 60 }), (calls) => {
        const window = new RateWindow(quota);
        const starts = new Map<string, { at: number; passed: number }>();
        let now = 0;
        for (const [key, later] of calls) {
          now += later;
          const known = starts.get(key);
          const current = known && now < known.at + quota.windowMs ? known : { at: now, passed: 0 };
          starts.set(key, current);
          const { allowed } = window.take(key, now);
          expect(allowed).toBe(current.passed < quota.calls);
          if (allowed) current.passed += 1;
        }
      }),
    );
  });

  it('stays small under a flood of keys, and keeps the newest', () => {
    const window = new RateWindow(quota);
    for (let n = 0; n < 10_500; n += 1) window.take(`key ${n}`, n / 1_000);
    for (const _ of [1, 2]) window.take('key 10499', 11);
    expect(window.take('key 10499', 11).allowed).toBe(false);
    expect(window.take('key 0', 11).remaining).toBe(2);
  });
});
