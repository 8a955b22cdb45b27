// `npm run mutate:policy`: every shipped policy removed, inverted or without one of its conditions, and every path class
// dropped, must break a test of the bundle.
import './from-source.mjs';

await import('reflect-metadata');
const { loadBundle } = await import('../apps/governance/src/policy/bundle.ts');
const { isKilled, mutantsOf } = await import('../apps/governance/test/policy-mutants.ts');

const bundle = await loadBundle(new URL('../policies', import.meta.url).pathname);
const began = performance.now();
const mutants = mutantsOf(bundle);
const survivors = mutants.filter((mutant) => !isKilled(mutant));
for (const { name } of survivors) console.log(`survives: ${name}`);
const seconds = ((performance.now() - began) / 1_000).toFixed(1);
const killed = mutants.length - survivors.length;
console.log(
  `${bundle.tests.length} tests kill ${killed} of ${mutants.length} mutants of ${Object.keys(bundle.policies).length} policies; ${seconds} s`,
);
process.exitCode = survivors.length === 0 ? 0 : 1;
