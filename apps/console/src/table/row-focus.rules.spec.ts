import { describe, expect, it } from '@jest/globals';
import { stepOf, tabStopOf } from './row-focus.rules.js';

describe('moving in a list by keys', () => {
  it.each([
    ['j', 0, 1],
    ['ArrowDown', 2, 2],
    ['k', 0, 0],
    ['ArrowUp', 2, 1],
    ['Home', 2, 0],
    ['End', 0, 2],
    ['x', 1, null],
  ])('%s on row %d of 3', (key, index, expected) => expect(stepOf(key, index, 3)).toBe(expected));
});

describe('the tab stop of a list', () => {
  it('is the row last entered', () => expect(tabStopOf(['a', 'b', 'c'], 'c', 'b')).toBe('c'));
  it('is the first in sight when the entered one is gone', () =>
    expect(tabStopOf(['a', 'b', 'c'], 'x', 'b')).toBe('b'));
  it('is the first there is before anything was measured', () =>
    expect(tabStopOf(['a', 'b'], null, undefined)).toBe('a'));
  it('is none of an empty list', () => expect(tabStopOf([], null, undefined)).toBeUndefined());
});
