import type { Change, ChangeKind, Manifest } from '#snapshots';
import picomatch from 'picomatch';
import { contractContradictory, contractEdited, contractExpectsEverything } from './contract.errors.js';
import type {
  Contract,
  Deviation,
  ExpectedChange,
  Expectation,
  PathPattern,
  ToolEffect,
  Verdict,
} from './contract.types.js';

const CHANGES: readonly ChangeKind[] = ['created', 'modified', 'deleted'];
const MATCHES_ALL = /^[*/.]+$/;

const globs = (change: ChangeKind, patterns: string[] | undefined): ExpectedChange[] =>
  (patterns ?? []).map((path) => ({ match: 'glob', path, change }));

const matches = (pattern: PathPattern, path: string): boolean => {
  switch (pattern.match) {
    case 'exact':
      return path === pattern.path;
    case 'below':
      return path === pattern.path || path.startsWith(`${pattern.path}/`);
    case 'glob':
      return picomatch.isMatch(path, pattern.path, { dot: true, nonegate: true });
  }
};

const allows = (expected: ExpectedChange[], change: Change): boolean =>
  expected.some((one) => one.change === change.change && matches(one, change.path));

const expects = ({ may, within }: Contract, change: Change): boolean =>
  allows(may, change) && (within === null || allows(within, change));

/**
 * The contract of one call: what the tool promises, tightened by the expectation. A tool that can reach the whole
 * workspace gets its allowed changes from the expectation alone; without one it may change nothing.
 * @throws AppError `contract.expects_everything`, `contract.contradictory`
 */
export const makeContract = (
  call: { tool: string; args_digest: string; effect: ToolEffect },
  expectation: Expectation = {},
): Contract => {
  const stated = CHANGES.flatMap((change) => globs(change, expectation[change]));
  const must = CHANGES.flatMap((change) => globs(change, expectation.must?.[change]));
  const forbidden: PathPattern[] = (expectation.forbidden ?? []).map((path) => ({ match: 'glob', path }));
  const everything = [...stated, ...must].find((one) => MATCHES_ALL.test(one.path) && one.path.includes('*'));
  if (everything) throw contractExpectsEverything(everything.path);
  const contradiction = must.find((one) =>
    forbidden.some((other) => other.path === one.path || matches(other, one.path)),
  );
  if (contradiction) throw contractContradictory(contradiction.path);
  const { effect } = call;
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

/** @throws AppError `contract.edited` when the arguments are not the ones the contract was made for */
export const assertContractOf = (contract: Contract, tool: string, argsDigest: string): void => {
  if (contract.tool !== tool || contract.args_digest !== argsDigest) throw contractEdited();
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
export const judge = (contract: Contract, observed: Observation): Verdict => {
  const isForbidden = ({ path }: Change): boolean => contract.forbidden.some((pattern) => matches(pattern, path));
  const forbidden = observed.changes.filter(isForbidden);
  const unexpected = observed.changes.filter(
    (change) => !isForbidden(change) && !(observed.tool_ok && expects(contract, change)),
  );
  const foreign = contract.confined ? unexpected.filter((change) => !reachable(contract, change)) : [];
  const deviations: Deviation[] = [
    ...unexpected
      .filter((change) => !foreign.includes(change))
      .map((change) => unexpectedChange(change, observed.tool_ok)),
    ...forbidden.map(({ path, change }) => ({
      path,
      change,
      reason: `${path} was ${change}, which the contract forbids.`,
    })),
    ...(observed.tool_ok ? unmet(contract, observed) : []),
  ];
  if (deviations.length > 0) return { verdict: 'deviated', deviations };
  if (foreign.length > 0) return { verdict: 'inconclusive', deviations: foreign.map(foreignChange) };
  return { verdict: 'verified', deviations: [] };
};

/** A confined tool reaches the paths it names and the folders on the way to them. */
const reachable = (contract: Contract, change: Change): boolean =>
  contract.may.some((one) => matches(one, change.path) || one.path.startsWith(`${change.path}/`));

const unmet = (contract: Contract, { before, after, changes }: Observation): Deviation[] => {
  const missing = contract.must.filter(
    (must) =>
      !changes.some((change) => change.change === must.change && matches(must, change.path)) &&
      !heldBefore(must, before),
  );
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

const unexpectedChange = ({ path, change }: Change, toolOk: boolean): Deviation => ({
  path,
  change,
  reason: toolOk
    ? `${path} was ${change}, which the contract does not expect.`
    : `${path} was ${change} by an action that failed.`,
});

const foreignChange = ({ path, change }: Change): Deviation => ({
  path,
  change,
  reason: `${path} was ${change} meanwhile by somebody else.`,
});
