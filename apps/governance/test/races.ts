// `npm run races -- [--approvals 1000] [--attempts 10] [--seed N]`: so many votes and claims on so many approvals, by
// everybody at once, over two instances of the service. The last line is the verdict; anything but zeros is a failure.
import { startTestServer } from '#testing';
import { parseArgs } from 'node:util';
import { isFair, raceApprovals, raceLine } from './race.js';

const { values } = parseArgs({
  options: {
    approvals: { type: 'string', default: '1000' },
    attempts: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const [approvals, attempts, seed] = [values.approvals, values.attempts, values.seed].map(Number) as [
  number,
  number,
  number,
];
console.log(`seed ${seed}: ${approvals * attempts} votes and claims on ${approvals} approvals`);
const server = await startTestServer();
process.env.TEST_ADMIN_URL = server.adminUrl;
const tally = await raceApprovals({ approvals, attempts, seed, say: (line) => console.log(line) });
await server.stop();
for (const odd of tally.odd) console.log(odd);
console.log(`${tally.granted} granted`);
console.log(raceLine(tally));
process.exit(isFair(tally) ? 0 : 1);
