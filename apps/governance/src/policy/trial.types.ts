import type { BundleFiles } from './bundle-file.rules.js';
import type { BundleProblem } from './policy.errors.js';
import type { PolicyDecision, PolicyRequest } from './policy.types.js';

/** A recorded decision input, as far as a replay needs it. */
export interface RecordedInput {
  execution_id: string;
  step: number;
  index: number;
  /** RFC 3339. */
  at: string;
  /** As it was asked, without approvers. */
  request: PolicyRequest;
  /** Recorded with only the first of its paths. */
  inexact: boolean;
}

export interface TrialQuestion {
  files: BundleFiles;
  /** The shipped bundle, whose prohibitions stand. */
  house: BundleFiles;
  /** To be replayed under both this bundle and the one in force; absent: only checked. */
  replay?: { inForce: BundleFiles; inputs: RecordedInput[] };
}

export interface TrialCheck {
  problems: BundleProblem[];
  tests_passed: number;
  tests_failed: number;
  policies: number;
  /** Null: it cannot be read. */
  digest: string | null;
}

export interface Flip {
  input: Omit<RecordedInput, 'request'>;
  summary: string;
  /** `<name>@v<n>` */
  tool: string;
  from: PolicyDecision;
  to: PolicyDecision;
}

export interface Replay {
  replayed: number;
  inexact: number;
  flipped: number;
  kinds: { from: string; to: string; count: number }[];
  /** The first ones in the order of the inputs. */
  flips: Flip[];
}

export interface TrialAnswer {
  check: TrialCheck;
  /** Null: not asked for, or the bundle has problems. */
  replay: Replay | null;
}
