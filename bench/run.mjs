// `npm run bench [-- name…]`: gateway, live, start, journal, policy, approval; all without a name. Installs bench/'s own packages
// when they are missing, runs one after the other, renews the table in bench/README.md and prints what loses.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { BENCHMARKS, renewTable } from './report.mjs';

const CHECKOUT = join(import.meta.dirname, '..');
const changedAt = (file) => statSync(join(import.meta.dirname, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const run = (program, ...args) => spawnSync(program, args, { cwd: CHECKOUT, stdio: 'inherit' }).status === 0;

const names = process.argv.slice(2);
const unknown = names.filter((name) => !BENCHMARKS.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark "${unknown[0]}"; there are ${BENCHMARKS.join(', ')}.`);
  process.exit(2);
}
if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) {
  if (!run('npm', '--prefix', 'bench', 'ci', '--no-audit', '--no-fund')) process.exit(1);
}
const began = performance.now();
const failed = (names.length > 0 ? names : BENCHMARKS).filter((name) => {
  console.log(`\n${name} …`);
  return !run(process.execPath, `bench/${name}.mjs`);
});
const { text, losing } = renewTable();
console.log(`\n${text}\n`);
console.log(losing.length > 0 ? `Losing rows:\n${losing.join('\n')}` : 'No row loses.');
console.log(`\n${Math.round((performance.now() - began) / 1_000)} s`);
if (failed.length > 0) console.error(`Failed, with its last figures in the table: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);
