import { describe, expect, it } from '@jest/globals';
import { type Column, tableLines } from './table.rules.js';

const columns: Column[] = [{ title: 'ID' }, { title: 'TASK', flexible: true }, { title: 'WHY', flexible: true }];
const long = 'x'.repeat(60);

describe('a table', () => {
  it('is as wide as its cells', () => {
    expect(tableLines(columns, [['a1b2', 'Tidy.', '']], null)).toEqual(['ID    TASK   WHY', 'a1b2  Tidy.']);
  });

  it.each([40, 60, 80, 100, 120])('fits into %i columns by shortening the flexible ones', (width) => {
    const lines = tableLines(columns, [['a1b2', long, `${long}${long}`]], width);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
    expect(lines[1]).toMatch(/^a1b2 {2}x/);
  });

  it('shortens the widest first and only as far as it has to', () => {
    expect(tableLines(columns, [['a1b2', 'x'.repeat(20), 'y'.repeat(40)]], 58)[1]).toBe(
      `a1b2  ${'x'.repeat(20)}  ${'y'.repeat(29)}…`,
    );
  });

  it('runs over rather than cut what does not give way', () => {
    expect(tableLines([{ title: 'ID' }], [[long]], 20)[1]).toBe(long);
  });

  it('does not cut a character in two', () => {
    expect(tableLines([{ title: 'T', flexible: true }], [['😀'.repeat(20)]], 15)[1]).toBe(`${'😀'.repeat(14)}…`);
  });
});
