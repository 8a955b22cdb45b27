// `npm start` and `npm test` (argument --test) after the packages are there: Debian's programs, then dist, if older than
// the sources.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const nodeMajor = 24;
const root = new URL('..', import.meta.url).pathname;
process.chdir(root);

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

function run(program, args, otherwise) {
  const { status } = spawnSync(program, args, { stdio: 'inherit' });
  if (status !== 0) fail(otherwise);
}

/** The newest change below a path, in ms. Folders count: a deleted source leaves its trace there. */
function changedAt(path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry?.isDirectory()) return entry?.mtimeMs ?? 0;
  const below = readdirSync(path).filter((name) => name !== 'node_modules' && name !== 'dist');
  return Math.max(entry.mtimeMs, ...below.map((name) => changedAt(join(path, name))));
}

if (Number(process.versions.node.split('.')[0]) < nodeMajor) {
  fail(`Node ${nodeMajor} is needed and this is ${process.version}: run \`npm ci\`, which brings it, or install it.`);
}

run('sh', ['scripts/debian.sh', ...process.argv.slice(2)], 'SpecTrace cannot start without these programs.');

const built = 'dist/.built';
if (changedAt(built) < Math.max(...['apps', 'libs', 'clients', 'package.json', '.swcrc'].map(changedAt))) {
  const startedAt = new Date();
  rmSync('dist', { recursive: true, force: true });
  run('npm', ['run', '--silent', 'build'], 'The build failed: see above.');
  writeFileSync(built, `${startedAt.toISOString()}\n`);
}
