import { describe, expect, it } from '@jest/globals';
import { Recent } from './recent.rules.js';

describe('what is remembered', () => {
  it('is forgotten at its time', () => {
    const recent = new Recent<string>();
    recent.set('a', 'value', 10);
    expect(recent.get('a', 9)).toBe('value');
    expect(recent.get('a', 10)).toBeUndefined();
    expect(recent.get('a', 9)).toBeUndefined();
  });

  it('is the latest', () => {
    const recent = new Recent<string>();
    recent.set('a', 'old', 10);
    recent.set('a', 'new', 5);
    expect(recent.get('a', 4)).toBe('new');
    expect(recent.get('a', 6)).toBeUndefined();
  });

  it('stays small under a flood of keys: the oldest go', () => {
    const recent = new Recent<number>();
    for (let n = 0; n < 10_001; n += 1) recent.set(`${n}`, n, 1);
    expect(recent.get('0', 0)).toBeUndefined();
    expect(recent.get('1', 0)).toBe(1);
    expect(recent.get('10000', 0)).toBe(10_000);
  });
});
