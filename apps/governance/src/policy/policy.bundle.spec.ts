import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runBundleTests } from './bundle-test.js';
import { loadBundle } from './bundle.js';
import { PolicyEngine } from './policy.engine.js';
import type { PolicyBundle } from './policy.types.js';

const FOLDER = join(import.meta.dirname, '../../../../policies');

let bundle: PolicyBundle;
let engine: PolicyEngine;
beforeAll(async () => {
  bundle = await loadBundle(FOLDER);
  engine = PolicyEngine.load(bundle);
});

const failuresOf = (changed: PolicyBundle) => {
  const mutant = PolicyEngine.load(changed);
  return runBundleTests(changed.tests, (request) => mutant.decide(request));
};

describe('the shipped bundle', () => {
  it('does what its own tests say', () => {
    const failures = runBundleTests(bundle.tests, (request) => engine.decide(request));
    expect(
      failures.map(({ test, got }) => ({ at: `${test.place.file}:${test.place.line}`, name: test.name, got })),
    ).toEqual([]);
    expect(bundle.tests.length).toBeGreaterThan(50);
  });

  it('has a test that breaks when a policy is removed', () => {
    const unguarded = Object.keys(bundle.policies).filter((id) => {
      const { [id]: _removed, ...policies } = bundle.policies;
      return failuresOf({ ...bundle, policies }).length === 0;
    });
    expect(unguarded).toEqual([]);
  });

  it('has a test that breaks when the effect of a policy is inverted', () => {
    const inverse: Record<string, string> = { permit: 'forbid', forbid: 'permit' };
    const unguarded = Object.entries(bundle.policies).filter(([id, text]) => {
      const inverted = text.replace(/^(permit|forbid)\b/m, (effect) => inverse[effect] ?? '');
      expect(inverted).not.toBe(text);
      return failuresOf({ ...bundle, policies: { ...bundle.policies, [id]: inverted } }).length === 0;
    });
    expect(unguarded.map(([id]) => id)).toEqual([]);
  });

  it('has a test that breaks when a condition of a policy is dropped', () => {
    const unguarded = Object.entries(bundle.policies).flatMap(([id, text]) => {
      const starts = [...text.matchAll(/^(?:when|unless) \{/gm)].map(({ index }) => index);
      return starts.flatMap((start, nth) => {
        const shorter = text.slice(0, start) + (starts[nth + 1] ? text.slice(starts[nth + 1]) : ';');
        const failures = failuresOf({ ...bundle, policies: { ...bundle.policies, [id]: shorter } });
        return failures.length === 0 ? [`${id}: condition ${nth + 1}`] : [];
      });
    });
    expect(unguarded).toEqual([]);
  });

  it('has a test that breaks when a path class is dropped', () => {
    const unguarded = bundle.path_classes.filter((rule) => {
      const path_classes = bundle.path_classes.filter((other) => other !== rule);
      return failuresOf({ ...bundle, path_classes }).length === 0;
    });
    expect(unguarded.map(({ pattern }) => pattern)).toEqual([]);
  });
});
