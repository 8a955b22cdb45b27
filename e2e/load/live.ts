// `npm run load -- [--cuts 1000] [--followers 20] [--seed N]`: a crowd on each live channel follows one run and has its
// lines cut again and again. The last line is the verdict; anything but zeros is a failure.
import { parseArgs } from 'node:util';
import { SuiteProcess } from '../suite-process.js';
import { followInCrowds } from './crowd.js';

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '1000' },
    followers: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const [cuts, followers, seed] = [Number(values.cuts), Number(values.followers), Number(values.seed)];
console.log(`seed ${seed}: ${cuts} forced disconnects on each channel, ${followers} followers on each`);
const suite = await SuiteProcess.open();
try {
  const tallies = await followInCrowds(suite, { cuts, followers, seed });
  for (const { channel, frames, cuts: made, gaps, doubles } of tallies) {
    console.log(`${channel}: ${made} disconnects, ${frames} frames, ${gaps} gaps, ${doubles} doubles`);
  }
  const sum = (of: 'cuts' | 'gaps' | 'doubles'): number => tallies.reduce((all, one) => all + one[of], 0);
  console.log(`disconnects ${sum('cuts')}, gaps ${sum('gaps')}, doubles ${sum('doubles')}`);
  process.exitCode = sum('gaps') + sum('doubles') === 0 && sum('cuts') >= cuts * tallies.length ? 0 : 1;
} finally {
  await suite.close();
}
