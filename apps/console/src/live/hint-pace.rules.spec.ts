import { describe, expect, it } from '@jest/globals';
import { dueInMs } from './hint-pace.rules.js';

describe('reading after hints', () => {
  it.each([
    ['the first hint is followed at once, with its burst', Infinity, false, 80],
    ['so is one after a quiet time', 5_000, false, 80],
    ['one in a stream waits for its turn', 500, false, 1_500],
    ['a tab nobody looks at takes its time', 5_000, true, 15_000],
  ])('%s', (_, since, hidden, due) => expect(dueInMs(since, hidden)).toBe(due));
});
