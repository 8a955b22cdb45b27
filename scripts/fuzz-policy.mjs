// `npm run fuzz:policy [-- --runs 1000000 --seed 1]`: random requests against the shipped policies; fails when one is
// allowed that an oracle without Cedar objects to, when the engine throws, or when it has to be replaced.
import './from-source.mjs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } });
const RUNS = Number(values.runs ?? 1_000_000);
const SEED = Number(values.seed ?? Date.now() % 2_147_483_647);
/** One engine and one property for so many: the memory of a run stays flat. */
const CHUNK = 50_000;

await import('reflect-metadata');
const { loadBundle } = await import('../apps/governance/src/policy/bundle.ts');
const { PolicyEngine } = await import('../apps/governance/src/policy/policy.engine.ts');
const { fuzz } = await import('../apps/governance/test/policy-fuzz.ts');

const alarms = new Map();
const alarm = ({ kind }) => alarms.set(kind, (alarms.get(kind) ?? 0) + 1);
const engine = PolicyEngine.load(await loadBundle(new URL('../policies', import.meta.url).pathname), { alarm });
const sum = { allow: 0, ask: 0, deny: 0 };
const wrong = [];
const began = performance.now();
for (let done = 0, chunk = 0; done < RUNS; done += CHUNK, chunk++) {
  const seen = fuzz((request) => engine.decide(request), { runs: Math.min(CHUNK, RUNS - done), seed: SEED + chunk });
  for (const decision of Object.keys(sum)) sum[decision] += seen[decision];
  wrong.push(...seen.wrong);
}
const seconds = (performance.now() - began) / 1_000;
const replaced = alarms.get('engine_replaced') ?? 0;
const failed = alarms.get('policy_error') ?? 0;
for (const { request, objections } of wrong) console.log(`${objections.join(', ')}: ${JSON.stringify(request)}`);
console.log(
  `${RUNS} requests from seed ${SEED}: ${sum.allow} allowed, ${sum.ask} asked, ${sum.deny} denied; ` +
    `${wrong.length} failed open, ${replaced} engines replaced, ${failed} policies failed; ` +
    `${seconds.toFixed(1)} s, ${Math.round(RUNS / seconds)}/s`,
);
process.exitCode = wrong.length + replaced + failed === 0 ? 0 : 1;
