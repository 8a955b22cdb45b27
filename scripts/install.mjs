// Before `npm start` and `npm test`, on whatever Node the system has (20 or newer): node_modules as the lock file says.
import { spawnSync } from 'node:child_process';
import { statSync, utimesSync } from 'node:fs';

process.chdir(new URL('..', import.meta.url).pathname);
// npm writes this file last, so an interrupted installation does not have it.
const installed = 'node_modules/.package-lock.json';
const changedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (changedAt(installed) < changedAt('package-lock.json')) {
  console.log('Installing packages (npm ci), about half a minute ...');
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const { status } = spawnSync(npm[0], [...npm.slice(1), ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) {
    console.error('The packages could not be installed: see npm above; it needs the registry and npm 10 or newer.');
    process.exit(1);
  }
  utimesSync(installed, new Date(), new Date());
}
