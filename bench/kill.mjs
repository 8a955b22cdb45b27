// `node bench/kill.mjs [--trials 1000] [--lanes 4] [--seed 1]`: how long after the answer to a stop the last side effect of
// the stopped agent begins, on two executor processes. Prints the table, keeps the raw figures in bench/results/kill.json,
// renews bench/README.md.
import '../scripts/from-source.mjs';
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { writeSection } from './readme.mjs';

const TARGET_MS = 500;
/** One admin may ask for 120 stops and releases a minute. */
const PEOPLE = 8;

await import('reflect-metadata');
const { openHouse, quantile, stopAgents } = await import('../e2e/kill-switch/trials.ts');
const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '1000' },
    lanes: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
});
const [wanted, lanes, seed] = [Number(values.trials), Number(values.lanes), Number(values.seed)];

const round = (value) => Math.round(value * 10) / 10;
const spread = (trials, name) => {
  const all = trials.map((one) => one[name]);
  return [0.5, 0.99, 1].map((share) => round(quantile(all, share)));
};
const cells = (values) => values.map((value) => `${value} ms`).join(' | ');

const house = await openHouse(PEOPLE);
try {
  const load_before = round(loadavg()[0]);
  let done = 0;
  const progress = () => (done += 1) % 50 === 0 && process.stderr.write(`${done} of ${wanted}\n`);
  const trials = await stopAgents(house, { trials: wanted, lanes, seed, each: progress });
  const machine = { load_before, load_after: round(loadavg()[0]) };
  const p99 = spread(trials, 'last_effect_ms')[1];
  const after = trials.filter(({ last_effect_ms }) => last_effect_ms > 0).length;
  const both = trials.filter(({ working }) => working === 2).length;
  const stood = trials.flatMap(({ statuses }) => statuses).filter((status) => status !== 'cancelled').length;
  const effects = trials.reduce((sum, one) => sum + one.effects, 0);
  const kept = JSON.stringify({ at: new Date().toISOString(), machine, seed, lanes, trials }, null, 1);
  const trialPerLine = kept.replaceAll(/\n   +|\n  (?=\})/g, ' ');
  writeFileSync(new URL('./results/kill.json', import.meta.url), `${trialPerLine}\n`);
  const text = [
    `${trials.length} stops of an agent with two runs under way, ${lanes} at a time, on two executor processes (a program was running on`,
    `both in ${both} of them); ${effects} side effects, each of which says by itself when it began. Load average ${machine.load_before} before,`,
    `${machine.load_after} after, on two cores that services and trials share.`,
    '',
    '| from the 200 of the stop | p50 | p99 | worst |',
    '|---|---|---|---|',
    `| to the last side effect that began (negative: before it) | ${cells(spread(trials, 'last_effect_ms'))} |`,
    `| to the end of the last run, its effects undone | ${cells(spread(trials, 'ended_ms'))} |`,
    `| the request itself | ${cells(spread(trials, 'answered_ms'))} |`,
    '',
    `Last effect p99 ${p99} ms (target < ${TARGET_MS} ms: ${p99 < TARGET_MS ? 'met' : 'missed'}); in ${after} stops anything began after the answer; runs that`,
    `were not cancelled: ${stood}.`,
  ].join('\n');
  writeSection('Kill switch', 'node bench/kill.mjs', text);
  console.log(text);
} finally {
  await house.processes.close();
}
