import type { Change, ChangeKind, Manifest } from '#snapshots';
import { contractContradictory } from './contract.errors.js';
import type {
  Contract,
  Deviation,
  ExpectedChange,
  Expectation,
  PathPattern,
  ToolEffect,
  Verdict,
} from './contract.types.js';
import { assertNotEverything, assertPatterns, guardOf, testOf } from './pattern.rules.js';

const CHANGES: readonly ChangeKind[] = ['created', 'modified', 'deleted'];

const globs = (change: ChangeKind, patterns: string[] | undefined): ExpectedChange[] =>
  (patterns ?? []).map((path) => ({ match: 'glob', path, change }));

type ChangeTest = (change: Change) => boolean;

/** Patterns are compiled once per judgement: there may be as many changes as files. */
const anyOf = (expected: ExpectedChange[]): ChangeTest => {
  const tests = expected.map((one) => ({ change: one.change, test: testOf(one) }));
  return ({ change, path }) => tests.some((one) => one.change === change && one.test(path));
};

/**
 * The contract of one call: what the tool promises, tightened by the expectation. A tool that can reach the whole
 * workspace gets its allowed changes from the expectation alone; without one it may change nothing.
 * @throws AppError `contract.pattern_invalid`, `contract.expects_everything`, `contract.contradictory`
 */
export const makeContract = (
  call: { tool: string; args_digest: string; effect: ToolEffect },
  expectation: Expectation = {},
): Contract => {
  const { effect } = call;
  const stated = CHANGES.flatMap((change) => globs(change, expectation[change]));
  const must = CHANGES.flatMap((change) => globs(change, expectation.must?.[change]));
  const forbidden = (expectation.forbidden ?? []).map((path) => ({ match: 'glob' as const, path }));
  assertPatterns([...stated, ...must, ...forbidden]);
  assertNotEverything([...stated, ...must]);
  assertConsistent(effect, must, forbidden);
  const whole = effect.may === 'whole';
  return {
    tool: call.tool,
    args_digest: call.args_digest,
    may: effect.may === 'whole' ? [...stated, ...must] : effect.may,
    within: whole || stated.length === 0 ? null : [...stated, ...must],
    must: [...effect.must, ...must],
    forbidden,
    content: effect.content ?? null,
    exit_codes: expectation.exit_codes ?? [0],
    confined: !whole,
    mode: 'enforce',
  };
};

/**
 * The contract of a call whose arguments somebody has edited: what the tool promises of the new ones, and what the author
 * of the call stated of its effects, which nobody has edited.
 * @throws AppError `contract.contradictory`
 */
export const contractOfEdit = (contract: Contract, call: { args_digest: string; effect: ToolEffect }): Contract => {
  const { args_digest, effect } = call;
  // Of a tool's own promises none is a glob; what an author states is nothing else.
  const stated = contract.must.filter(({ match }) => match === 'glob');
  assertConsistent(effect, stated, contract.forbidden);
  return {
    ...contract,
    args_digest,
    may: effect.may === 'whole' ? contract.may : effect.may,
    must: [...effect.must, ...stated],
    content: effect.content ?? null,
  };
};

const assertConsistent = (effect: ToolEffect, stated: ExpectedChange[], forbidden: PathPattern[]): void => {
  const required = [...stated, ...effect.must, ...(effect.content ? [effect.content] : [])];
  const contradiction = required.find(({ path }) =>
    forbidden.some((pattern) => pattern.path === path || testOf(pattern)(path)),
  );
  if (contradiction) throw contractContradictory(contradiction.path);
};

/** What the contract allows, one `<change> <pattern>` a line, for people. */
export const describeContract = (contract: Contract): string[] => [
  ...new Set(contract.may.map((one) => `${one.change} ${one.path}${one.match === 'below' ? '/**' : ''}`)),
];

export interface Observation {
  before: Manifest;
  after: Manifest;
  changes: Change[];
  /** The tool's own word on its success: a claim, checked against the changes. */
  tool_ok: boolean;
}

/**
 * Compares what changed with what may and must change. A failed tool may leave no trace: any change is a deviation.
 * Changes that only somebody else can have made are inconclusive, unless something else deviates.
 */
export const judge = (contract: Contract, observed: Observation, guarded: string[] = []): Verdict => {
  const { changes, tool_ok } = observed;
  const may = anyOf(contract.may);
  const within = contract.within && anyOf(contract.within);
  const forbiddenTests = contract.forbidden.map(testOf);
  const isGuarded = guardOf(guarded);
  const reachable = reach(contract);
  const foreign: Change[] = [];
  const deviations: Deviation[] = [];
  for (const change of changes) {
    if (forbiddenTests.some((test) => test(change.path))) deviations.push(forbiddenChange(change));
    else if (isGuarded(change.path) && reachable(change)) deviations.push(guardedChange(change));
    else if (tool_ok && may(change) && (!within || within(change))) continue;
    else if (reachable(change)) deviations.push(unexpectedChange(change, tool_ok));
    else foreign.push(change);
  }
  if (tool_ok) deviations.push(...unmet(contract, observed));
  if (deviations.length > 0) return { verdict: 'deviated', deviations };
  if (foreign.length > 0) return { verdict: 'inconclusive', deviations: foreign.map(foreignChange) };
  return { verdict: 'verified', deviations: [] };
};

/** The changes that the call itself can have made; the others are somebody else's, and nobody's to undo. */
export const ownChanges = (contract: Contract, changes: Change[]): Change[] => changes.filter(reach(contract));

/** A confined tool reaches the paths it names and the folders on the way to them; any other reaches everything. */
const reach = (contract: Contract): ChangeTest => {
  if (!contract.confined) return () => true;
  const tests = contract.may.map(testOf);
  const above = new Set(contract.may.flatMap(({ path }) => foldersAbove(path)));
  return ({ path }) => above.has(path) || tests.some((test) => test(path));
};

const foldersAbove = (path: string): string[] => {
  const names = path.split('/').slice(0, -1);
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
};

const unmet = (contract: Contract, { before, after, changes }: Observation): Deviation[] => {
  const missing = contract.must.filter((must) => !changes.some(anyOf([must])) && !heldBefore(must, before));
  const content = contract.content;
  const found = content && after.entries.find((entry) => entry.path === content.path)?.sha256;
  return [
    ...missing.map(({ path, change }) => ({ path, change, reason: `${path} should have been ${change} and was not.` })),
    ...(content && found !== content.sha256
      ? [{ path: content.path, reason: `${content.path} does not hold the content that was to be written.` }]
      : []),
  ];
};

/** Deleting what is not there leads to the state that was asked for. */
const heldBefore = (must: ExpectedChange, before: Manifest): boolean =>
  must.change === 'deleted' && must.match !== 'glob' && !before.entries.some((entry) => entry.path === must.path);

const guardedChange = ({ path, change }: Change): Deviation => ({
  path,
  change,
  reason: `${path} was ${change}, which nobody was asked about: policy guards it, and the action did not name it.`,
});

const unexpectedChange = ({ path, change }: Change, toolOk: boolean): Deviation => ({
  path,
  change,
  reason: toolOk
    ? `${path} was ${change}, which the contract does not expect.`
    : `${path} was ${change} by an action that failed.`,
});

const forbiddenChange = ({ path, change }: Change): Deviation => ({
  path,
  change,
  reason: `${path} was ${change}, which the contract forbids.`,
});

const foreignChange = ({ path, change }: Change): Deviation => ({
  path,
  change,
  reason: `${path} was ${change} meanwhile by somebody else.`,
});
