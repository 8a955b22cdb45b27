// Everything: the checks of checks.mjs, then every test level.
// Ends with the real counts on a line of their own; a check that fails counts as one failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checks, runChecks } from './checks.mjs';

const results = await runChecks(checks);
let passed = results.filter((one) => one).length;
let failed = results.length - passed;

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
