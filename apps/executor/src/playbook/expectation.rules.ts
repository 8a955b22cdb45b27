import { isAppError } from '#kernel';
import { contractContradictory } from '../contract/contract.errors.js';
import type { Expectation } from '../contract/contract.types.js';
import { assertNotEverything, assertPatterns, testOf } from '../contract/pattern.rules.js';

const CHANGES = ['created', 'modified', 'deleted'] as const;
const glob = (path: string) => ({ match: 'glob' as const, path });

const messageOf = (check: () => void): string | undefined => {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.message;
  }
};

/** Why the engine, or the workspace, would refuse this pattern whatever stands beside it. */
export const patternProblem = (pattern: string, forbidden: boolean): string | undefined => {
  if (pattern.startsWith('/') || pattern.split('/').includes('..')) {
    return 'a pattern is relative to the workspace and does not leave it';
  }
  return messageOf(() => {
    assertPatterns([glob(pattern)]);
    if (!forbidden) assertNotEverything([{ ...glob(pattern), change: 'modified' }]);
  });
};

/** Why the engine would refuse patterns that are sound one by one: together they allow everything, or contradict. */
export const expectationProblem = (expectation: Expectation): string | undefined =>
  messageOf(() => {
    const { must = {}, forbidden = [] } = expectation;
    assertNotEverything(
      CHANGES.flatMap((change) =>
        [...(expectation[change] ?? []), ...(must[change] ?? [])].map((path) => ({ ...glob(path), change })),
      ),
    );
    // Compiled once: each of them meets every required pattern.
    const tests = forbidden.map((path) => ({ path, test: testOf(glob(path)) }));
    const required = CHANGES.flatMap((change) => must[change] ?? []);
    const both = required.find((path) => tests.some((one) => one.path === path || one.test(path)));
    if (both !== undefined) throw contractContradictory(both);
  });
