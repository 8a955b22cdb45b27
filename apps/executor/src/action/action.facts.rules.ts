import type { executor } from '#contracts';
import type { Change, Manifest } from '#snapshots';
import { judge } from '../contract/contract.rules.js';
import type { Contract } from '../contract/contract.types.js';
import { visible } from './visible.rules.js';

const SHOWN_CHANGES = 100;

/** What the control plane has seen of one call. */
export interface Seen {
  before: Manifest;
  /** Null: the workspace could not be observed, and `blind` says why. */
  after: Manifest | null;
  result: { ok: boolean; output: unknown; failure?: executor.FailureView };
  duration_ms: number;
  blind?: string;
}

/**
 * The facts *done* and *verified* of a call, and why it failed. What cannot be observed deviates; under a tool that
 * reaches only what it names, somebody else made it so, and a person has to look.
 */
export const factsOf = (
  contract: Contract,
  seen: Seen,
  /** From before to after. */
  changes: Change[],
  /** Patterns of paths that the decision did not cover. */
  guarded: string[],
): { done: executor.DoneFact; verified: executor.VerifiedFact; failure: executor.FailureView | null } => {
  const { before, after, result, duration_ms, blind } = seen;
  const { verdict, deviations } = after
    ? judge(contract, { before, after, changes, tool_ok: result.ok }, guarded)
    : {
        verdict: contract.confined ? ('inconclusive' as const) : ('deviated' as const),
        deviations: [{ reason: `The workspace could not be observed: ${blind}` }],
      };
  const failure = result.failure ?? (verdict === 'verified' ? null : deviationFailure(verdict, deviations[0]?.reason));
  return {
    done: visible({ ok: result.ok, output: result.output, failure: result.failure ?? null, duration_ms }),
    verified: {
      verdict,
      change_count: changes.length,
      changes: visible(changes.slice(0, SHOWN_CHANGES).map(({ path, change }) => ({ path, change }))),
      deviations: visible(deviations.slice(0, SHOWN_CHANGES)),
      manifest: after?.digest ?? before.digest,
    },
    failure: visible(failure),
  };
};

const deviationFailure = (
  verdict: string,
  reason = 'What changed is not what the contract expects.',
): executor.FailureView => ({
  code: `contract.${verdict}`,
  message: reason,
});

export const keptFact = (before: string, after: string): executor.UndoneFact => ({
  outcome: 'kept',
  before,
  after,
  restored: 0,
  problems: [],
});
