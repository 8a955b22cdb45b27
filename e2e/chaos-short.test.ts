import { expect, it } from '@jest/globals';
import { killSuite } from './chaos/scenes.js';
import { lineOf } from './chaos/tally.js';

const SEED = 20_261_120;

/** The short form of `npm run chaos:line`: the same people and the same faults, fewer of both. */
it('a suite that is killed at any moment doubles nothing, loses nothing and forgets nothing', async () => {
  const tally = await killSuite({
    runs: 5,
    kills: 4,
    seed: SEED,
    aliveMs: { low: 500, high: 2_500 },
    settings: { EXECUTOR_LEASE_SECONDS: '3' },
    say: () => undefined,
  });
  expect([...tally.problems, lineOf(tally)].join('\n')).toMatch(
    /^runs \d+, kills 4, effects doubled 0, effects lost 0, approvals lost 0, stuck 0$/,
  );
  expect(tally.runs).toBeGreaterThanOrEqual(5);
}, 120_000);
