import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { followInCrowds } from './load/crowd.js';
import { SuiteProcess } from './suite-process.js';

let suite: SuiteProcess;
beforeAll(async () => {
  suite = await SuiteProcess.open();
}, 90_000);
afterAll(() => suite.close(), 40_000);

/** The short form of `npm run load`. */
it('a crowd whose lines are cut again and again misses no frame and sees none twice, on every channel', async () => {
  const tallies = await followInCrowds(suite, { cuts: 40, followers: 4, seed: 20_261_120 });
  expect(tallies.map(({ channel }) => channel)).toEqual(['ws', 'socket.io websocket', 'socket.io polling', 'sse']);
  for (const { cuts, gaps, doubles } of tallies) {
    expect({ cuts, gaps, doubles }).toEqual({ cuts: 40, gaps: 0, doubles: 0 });
  }
  // Every follower has every frame, so every channel has carried the same number.
  expect(new Set(tallies.map(({ frames }) => frames)).size).toBe(1);
}, 90_000);
