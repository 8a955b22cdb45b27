import { describe, expect, it } from '@jest/globals';
import { durationWords } from './duration.rules.js';

describe('a length of time in words', () => {
  it.each([
    [0, '0 ms'],
    [-5, '0 ms'],
    [84.4, '84 ms'],
    [999.6, '1.0 s'],
    [3_290, '3.2 s'],
    [9_999, '9.9 s'],
    [10_000, '10 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [3_599_999, '59 min 59 s'],
    [7_500_000, '2 h 5 min'],
    [86_400_000, '1 d'],
    [90_000_000, '1 d 1 h'],
  ])('%d ms: %s', (ms, words) => expect(durationWords(ms)).toBe(words));
});
