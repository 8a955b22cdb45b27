import { expect, it } from '@jest/globals';
import { relativeWords } from './ago.rules.js';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

it.each([
  [0, 'now'],
  [-59 * SECOND, '59s ago'],
  [-119 * SECOND, '1m ago'],
  [-47 * HOUR, 'yesterday'],
  [-49 * HOUR, '2d ago'],
  [90 * DAY, 'in 90d'],
  [90 * DAY - 3 * SECOND, 'in 90d'],
  [7 * DAY - 90 * MINUTE, 'in 7d'],
  [90 * SECOND, 'in 2m'],
])('%d ms from now: %s', (ms, said) => {
  expect(relativeWords(1_700_000_000_000 + ms, 1_700_000_000_000)).toBe(said);
});
