import { describe, expect, it } from '@jest/globals';
import { lineOf, placeOf } from './source-place.rules.js';

describe('the place of a problem in a source', () => {
  it('is said first', () => {
    expect(placeOf('12:5 unknown key "use"')).toEqual({ place: { line: 12, column: 5 }, words: 'unknown key "use"' });
    expect(placeOf('must be shorter')).toEqual({ place: null, words: 'must be shorter' });
  });

  it.each([
    [1, 'name: a'],
    [2, ''],
    [3, 'steps: []'],
    [9, ''],
  ])('line %d is %j', (line, text) => {
    const source = 'name: a\n\nsteps: []';
    const { start, end } = lineOf(source, line);
    expect(source.slice(start, end)).toBe(text);
  });
});
