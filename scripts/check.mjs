// `npm run check`: what each commit has to pass, in well under a minute. Rules tests, and that no check is blind.
import { checks, runChecks } from './checks.mjs';

const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '-w', '2'];
const rules = ['rules', 'node', [...jest, '\\.rules\\.spec\\.ts$', 'scripts/boundaries/'], { LEVEL: 'rules' }];

const startedAt = performance.now();
const results = await runChecks([rules, ...checks]);
const failed = results.filter((passed) => !passed).length;
console.log(
  `${failed === 0 ? 'PASS' : `FAIL ${failed} of`} check (${((performance.now() - startedAt) / 1_000).toFixed(1)} s)`,
);
process.exit(failed === 0 ? 0 : 1);
