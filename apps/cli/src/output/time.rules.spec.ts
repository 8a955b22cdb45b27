import { expect, it } from '@jest/globals';
import { duration, instant } from './time.rules.js';

it.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min 0 s'],
  [899_000, '14 min 59 s'],
  [3_600_000, '1 h 0 min'],
  [90_000_000, '1 d 1 h'],
])('%i ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it('an instant is shown to the second', () => {
  expect(instant('2026-11-20T10:07:07.323Z')).toBe('2026-11-20 10:07:07');
});
