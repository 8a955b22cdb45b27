import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { isKilled, mutantsOf } from '../../test/policy-mutants.js';
import { runBundleTests } from './bundle-test.js';
import { loadBundle } from './bundle.js';
import { PolicyEngine } from './policy.engine.js';
import type { PolicyBundle } from './policy.types.js';

const FOLDER = join(import.meta.dirname, '../../../../policies');

let bundle: PolicyBundle;
beforeAll(async () => {
  bundle = await loadBundle(FOLDER);
});

describe('the shipped bundle', () => {
  it('does what its own tests say', () => {
    const engine = PolicyEngine.load(bundle);
    const failures = runBundleTests(bundle.tests, (request) => engine.decide(request));
    expect(
      failures.map(({ test, got }) => ({ at: `${test.place.file}:${test.place.line}`, name: test.name, got })),
    ).toEqual([]);
    expect(bundle.tests.length).toBeGreaterThan(50);
  });

  it('has a test that breaks when a policy is removed, inverted or loses a condition, or a path class is dropped', () => {
    const mutants = mutantsOf(bundle);
    for (const id of Object.keys(bundle.policies)) {
      expect(mutants.map(({ name }) => name)).toEqual(expect.arrayContaining([`${id} removed`, `${id} inverted`]));
    }
    for (const mutant of mutants) expect(mutant.bundle).not.toEqual(bundle);
    expect(mutants.filter((mutant) => !isKilled(mutant)).map(({ name }) => name)).toEqual([]);
  });

  it('would be noticed if it had none: a bundle without tests kills no mutant', () => {
    const [mutant] = mutantsOf({ ...bundle, tests: [] });
    expect(isKilled(mutant!)).toBe(false);
  });
});
