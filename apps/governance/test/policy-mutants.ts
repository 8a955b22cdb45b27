import { PolicyEngine } from '../src/policy/policy.engine.js';
import type { PolicyBundle } from '../src/policy/policy.types.js';

export interface Mutant {
  name: string;
  bundle: PolicyBundle;
}

const INVERSE: Record<string, string> = { permit: 'forbid', forbid: 'permit' };

const without = (bundle: PolicyBundle, id: string): PolicyBundle => {
  const { [id]: _removed, ...policies } = bundle.policies;
  return { ...bundle, policies };
};
const withText = (bundle: PolicyBundle, id: string, text: string): PolicyBundle => ({
  ...bundle,
  policies: { ...bundle.policies, [id]: text },
});

/** The text without each of its conditions in turn. */
const shortened = (text: string): string[] => {
  const starts = [...text.matchAll(/^(?:when|unless) \{/gm)].map(({ index }) => index);
  return starts.map((start, nth) => text.slice(0, start) + (starts[nth + 1] ? text.slice(starts[nth + 1]) : ';'));
};

/** Every bundle that differs in one thing that matters: a policy, its effect, one of its conditions, a path class. */
export const mutantsOf = (bundle: PolicyBundle): Mutant[] => [
  ...Object.entries(bundle.policies).flatMap(([id, text]) => [
    { name: `${id} removed`, bundle: without(bundle, id) },
    {
      name: `${id} inverted`,
      bundle: withText(
        bundle,
        id,
        text.replace(/^(permit|forbid)\b/m, (effect) => INVERSE[effect]!),
      ),
    },
    ...shortened(text).map((shorter, nth) => ({
      name: `${id} without condition ${nth + 1}`,
      bundle: withText(bundle, id, shorter),
    })),
  ]),
  ...bundle.path_classes.map((rule) => ({
    name: `path class of ${rule.pattern} dropped`,
    bundle: { ...bundle, path_classes: bundle.path_classes.filter((other) => other !== rule) },
  })),
];

/** Whether a test of the bundle notices: the first one that does is enough. */
export const isKilled = ({ bundle }: Mutant): boolean => {
  const engine = PolicyEngine.load(bundle);
  return bundle.tests.some(({ request, expect }) => {
    const got = engine.decide(request);
    return (
      got.decision !== expect.decision ||
      got.tier_needed !== expect.tier ||
      got.determining_policies.join() !== [...expect.policies].sort().join()
    );
  });
};
