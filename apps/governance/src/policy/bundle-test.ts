import type { BundleProblem } from './policy.errors.js';
import type { Authorize, BundleTest, PolicyDecision } from './policy.types.js';

export interface BundleTestFailure {
  test: BundleTest;
  got: PolicyDecision;
}

/** The rows of a bundle's own tests that do not come out as written; empty = the bundle does what it says. */
export function runBundleTests(tests: readonly BundleTest[], authorize: Authorize): BundleTestFailure[] {
  return tests.flatMap((test) => {
    const got = authorize(test.request);
    const { decision, tier, policies } = test.expect;
    const same =
      got.decision === decision &&
      got.tier_needed === tier &&
      got.determining_policies.join() === [...policies].sort().join();
    return same ? [] : [{ test, got }];
  });
}

export const testProblem = ({ test: { name, place }, got }: BundleTestFailure): BundleProblem => ({
  ...place,
  message: `test "${name}" came out as ${got.decision}, tier ${got.tier_needed}, by ${got.determining_policies.join(', ') || 'no policy'}`,
});
