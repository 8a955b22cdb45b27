// What is checked without a test level: `npm run check` and `npm test` both begin with it.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const cache = 'node_modules/.cache';

/**
 * Name, program of node_modules/.bin or `node`, arguments. Caches only where a changed file cannot leave another's result
 * stale: ESLint has none, because its typed rules look through imports.
 */
export const checks = [
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['types', 'tsc', ['-p', '.', '--incremental', '--tsBuildInfoFile', `${cache}/types.tsbuildinfo`]],
  [
    'types of the console',
    'tsc',
    ['-p', 'apps/console', '--incremental', '--tsBuildInfoFile', `${cache}/console-types.tsbuildinfo`],
  ],
  [
    'format',
    'prettier',
    [
      '--check',
      '--log-level',
      'warn',
      '--cache',
      '--cache-strategy',
      'content',
      '--cache-location',
      `${cache}/format`,
      '.',
    ],
  ],
  ['boundaries', 'depcruise', ['apps', 'libs', 'clients', 'e2e', 'examples', 'scripts']],
  ['generated', 'node', ['scripts/gen.mjs', '--check']],
];

const environment = { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) };

/** Resolves to whether it passed; prints its time, and what it said when it failed. */
const run = ([name, program, args, env]) =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    const said = [];
    const path = program === 'node' ? process.execPath : join('node_modules/.bin', program);
    const child = spawn(path, args, { env: { ...environment, ...env } });
    const end = (passed) => {
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      if (!passed) process.stdout.write(Buffer.concat(said));
      console.log(`${passed ? 'PASS' : 'FAIL'} ${name} (${seconds} s)`);
      resolve(passed);
    };
    child.stdout.on('data', (chunk) => said.push(chunk));
    child.stderr.on('data', (chunk) => said.push(chunk));
    child.on('error', (error) => said.push(Buffer.from(`${error.message}\n`)));
    child.on('close', (status) => end(status === 0));
  });

/** Runs them, as many at a time as there are cores; an array of whether each passed. */
export const runChecks = async (all) => {
  const waiting = [...all];
  const results = [];
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) results.push(await run(check));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
};
