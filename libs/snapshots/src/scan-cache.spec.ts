import type { BigIntStats } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ScanCache } from './scan-cache.js';

/** A moment in Unix milliseconds, and the same with a fraction in nanoseconds. */
const nowMs = 1_800_000_000_500;
const beforeNow = (ms: number): bigint => BigInt(nowMs - ms) * 1_000_000n + 1n;
const state = (change: Partial<BigIntStats> = {}): BigIntStats =>
  ({ ino: 1n, size: 3n, mtimeNs: beforeNow(5_000), ctimeNs: beforeNow(5_000), ...change }) as BigIntStats;

let roots = 0;
const rootStats = { dev: 1n, ino: 2n } as BigIntStats;
const newRoot = (): string => `/root-${(roots += 1)}`;

/** What the next scan of the same root finds, after one that read a file in state `seen` at `nowMs`. */
function afterScan(seen: BigIntStats, found: BigIntStats, path = newRoot()): string | undefined {
  const first = new ScanCache(path, rootStats);
  first.remember('x', seen, 'sha256:x', nowMs);
  first.commit();
  return new ScanCache(path, rootStats).digestOf('x', found);
}

describe('a file that was read before', () => {
  test('is not read again while nothing about it changed', () => {
    expect(afterScan(state(), state())).toBe('sha256:x');
  });

  test.each<[string, Partial<BigIntStats>]>([
    ['inode', { ino: 9n }],
    ['size', { size: 4n }],
    ['mtime', { mtimeNs: 9n }],
    ['ctime', { ctimeNs: beforeNow(4_000) }],
  ])('is read again when its %s changed', (_, change) => {
    expect(afterScan(state(), state(change))).toBeUndefined();
  });

  test('is read again when it could have changed once more within the same tick of the clock', () => {
    for (const ms of [0, 1, 50, 99]) {
      const young = state({ ctimeNs: beforeNow(ms) });
      expect(afterScan(young, young)).toBeUndefined();
    }
    const settled = state({ ctimeNs: beforeNow(101) });
    expect(afterScan(settled, settled)).toBe('sha256:x');
  });

  test('is read again when its clock may only know seconds and it is younger than two', () => {
    const wholeSecond = (ms: number) => state({ ctimeNs: BigInt(nowMs - 500 - ms) * 1_000_000n });
    expect(afterScan(wholeSecond(1_000), wholeSecond(1_000))).toBeUndefined();
    expect(afterScan(wholeSecond(2_000), wholeSecond(2_000))).toBe('sha256:x');
  });

  test('is read again when its clock runs ahead', () => {
    const future = state({ ctimeNs: beforeNow(-60_000) });
    expect(afterScan(future, future)).toBeUndefined();
  });

  test('is forgotten with a scan that does not meet it, and by another folder at the same path', () => {
    const path = newRoot();
    expect(afterScan(state(), state(), path)).toBe('sha256:x');
    expect(new ScanCache(path, { dev: 1n, ino: 3n } as BigIntStats).digestOf('x', state())).toBeUndefined();
    new ScanCache(path, rootStats).commit();
    expect(new ScanCache(path, rootStats).digestOf('x', state())).toBeUndefined();
  });

  test('is forgotten when many other folders were scanned since', () => {
    const path = newRoot();
    afterScan(state(), state(), path);
    for (let others = 0; others < 15; others += 1) afterScan(state(), state());
    expect(new ScanCache(path, rootStats).digestOf('x', state())).toBe('sha256:x');
    afterScan(state(), state());
    expect(new ScanCache(path, rootStats).digestOf('x', state())).toBeUndefined();
  });
});
