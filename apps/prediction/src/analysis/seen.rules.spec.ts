import { describe, expect, it } from '@jest/globals';
import { NOTHING_SEEN, SeenSet } from './seen.rules.js';

const tokens = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

describe('a set that never forgets', () => {
  it.each([10, 600, 4_000])('holds all of %d tokens after being packed, and few others', (count) => {
    const set = new SeenSet(NOTHING_SEEN);
    set.add(tokens('seen', count));
    const packed = JSON.parse(JSON.stringify(set.pack())) as ReturnType<SeenSet['pack']>;
    const again = new SeenSet(packed);
    expect(tokens('seen', count).every((token) => again.has(token))).toBe(true);
    const wrong = tokens('other', 2_000).filter((token) => again.has(token)).length;
    expect(wrong / 2_000).toBeLessThan(count <= 512 ? 0.001 : 0.025);
    expect(JSON.stringify(packed).length).toBeLessThan(7_000);
  });

  it('beyond what it can tell apart, claims to have seen everything', () => {
    const set = new SeenSet(NOTHING_SEEN);
    set.add(tokens('seen', 40_000));
    expect(set.has('never-seen')).toBe(true);
  });
});
