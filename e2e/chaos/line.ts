// `npm run chaos:line -- [--kills 50] [--runs 20] [--seed N] [--rounds 1]`: the line under faults. First the whole suite is
// killed again and again, then single services and servers. The last line is the verdict; anything but zeros is a failure.
import { parseArgs } from 'node:util';
import { killSuite, strikeProcesses } from './scenes.js';
import { isClean, lineOf, sumOf } from './tally.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    runs: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    rounds: { type: 'string', default: '1' },
  },
});
const [kills, runs, seed, rounds] = [values.kills, values.runs, values.seed, values.rounds].map(Number) as [
  number,
  number,
  number,
  number,
];
const began = performance.now();
const say = (line: string): void =>
  console.log(`${String(Math.round((performance.now() - began) / 1_000)).padStart(4)} s  ${line}`);

console.log(`seed ${seed}: ${kills} kills of the suite, then ${rounds} rounds of faults, under ${runs} runs at a time`);
const tallies = [];
if (kills > 0) tallies.push(await killSuite({ kills, runs, seed, say, aliveMs: { low: 200, high: 4_000 } }));
if (rounds > 0) tallies.push(await strikeProcesses({ rounds, runs, seed, say }));
const tally = sumOf(tallies);
for (const problem of tally.problems) console.log(problem);
if (tally.gaveUp > 0) say(`${tally.gaveUp} runs gave an action up that was interrupted four times, and say so`);
console.log(lineOf(tally));
process.exit(isClean(tally) ? 0 : 1);
