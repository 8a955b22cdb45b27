// `npm run security -- [--requests 100000] [--seed N]`: two teams send made-up requests over all routes at each other's
// things. The last line is the verdict; anything but zeros is a failure.
import { parseArgs } from 'node:util';
import { SuiteProcess } from '../suite-process.js';
import { bombard, UNLIMITED } from './barrage.js';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const [requests, seed] = [Number(values.requests), Number(values.seed)];
const began = performance.now();
const say = (line: string): void =>
  console.log(`${String(Math.round((performance.now() - began) / 1_000)).padStart(4)} s  ${line}`);

const errorsIn = (log: string): string[] =>
  log.split('\n').filter((line) => /"level":(50|60|"error"|"fatal")/.test(line));

console.log(`seed ${seed}: ${requests} requests of two teams at each other`);
const suite = await SuiteProcess.open(UNLIMITED);
try {
  const { leaks, broken, answered, routes, alive, ...tally } = await bombard(suite, { requests, seed, say });
  for (const line of [...leaks.slice(0, 20), ...broken.slice(0, 20)]) console.log(line);
  // Whatever broke an answer was logged whole.
  if (broken.length > 0) console.log(errorsIn(suite.log()).slice(0, 20).join('\n'));
  const silent = routes.filter((route) => !answered.has(route));
  say(`${[...answered.values()].reduce((sum, one) => sum + one, 0)} answered, by ${answered.size} routes`);
  if (silent.length > 0) say(`nothing but refusals: ${silent.join(', ')}`);
  say(`${alive} of 12 senders let in to the end`);
  console.log(`requests ${tally.requests}, leaks ${leaks.length}, broken answers ${broken.length}`);
  process.exitCode = leaks.length + broken.length === 0 && alive === 12 ? 0 : 1;
} finally {
  await suite.close();
}
