// Everything a commit has to pass, in the order of cost: format, lint, types, boundaries, then every test level.
// Ends with the real counts on a line of their own; a check that fails counts as one failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const checks = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['types', 'tsc', ['-p', '.']],
  ['boundaries', 'depcruise', ['apps', 'libs', 'clients']],
];

let passed = 0;
let failed = 0;
for (const [name, program, args] of checks) {
  const { status } = spawnSync(join('node_modules/.bin', program), args, { stdio: 'inherit' });
  console.log(`${status === 0 ? 'PASS' : 'FAIL'} ${name}`);
  if (status === 0) passed += 1;
  else failed += 1;
}

const folder = mkdtempSync(join(tmpdir(), 'spectrace-results-'));
const report = join(folder, 'jest.json');
const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '-w', '2'];
const { status } = spawnSync(process.execPath, [...jest, '--json', `--outputFile=${report}`], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed += result.numPassedTests;
  // A suite that could not even load has no failed test of its own.
  failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  if (result.numPendingTests + result.numTodoTests > 0) {
    console.log(`${result.numPendingTests + result.numTodoTests} tests were skipped`);
  }
} catch (error) {
  console.error(`jest left no report: ${error.message}`);
  failed += 1;
}
rmSync(folder, { recursive: true, force: true });
if (status !== 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
