import { expect, it } from '@jest/globals';
import { isFair, raceApprovals, raceLine } from './race.js';

/** The short form of `npm run races`: the same attempts on fewer approvals. */
it('votes and claims by everybody at once never give what nobody may have', async () => {
  const tally = await raceApprovals({ approvals: 60, attempts: 10, seed: 20_261_120 });
  expect([...tally.odd, raceLine(tally)].join('\n')).toBe(
    'approvals 60, attempts 600, claims by other keys 0, decisions after the deadline 0, self-approvals 0, too few approvers 0, claims lost 0, ends told twice 0',
  );
  expect(isFair(tally)).toBe(true);
  expect(tally.granted).toBeGreaterThan(5);
}, 90_000);
