import { describe, expect, it } from '@jest/globals';
import { countdownOf } from './countdown.rules.js';

describe('the time left to answer', () => {
  it.each([
    [0, 'deadline passed', 'over'],
    [-5_000, 'deadline passed', 'over'],
    [1, 'expires in 1 s', 'urgent'],
    [59_001, 'expires in 60 s', 'urgent'],
    [60_000, 'expires in 1 min', 'soon'],
    [4 * 60_000 + 59_999, 'expires in 4 min', 'soon'],
    [5 * 60_000, 'expires in 5 min', 'calm'],
    [60 * 60_000, 'expires in 1 h', 'calm'],
    [125 * 60_000, 'expires in 2 h 5 min', 'calm'],
  ])('%i ms', (left, words, urgency) => {
    expect(countdownOf(1_000_000 + left, 1_000_000)).toEqual({ words, urgency });
  });
});
