import type { ChangeKind } from '#snapshots';

/**
 * What a playbook or a request says about an action's effects. Patterns are picomatch globs relative to the workspace
 * root (`build/**`); dot files match. Absent lists mean "none".
 */
export interface Expectation {
  /** Changes that may happen; everything else is a deviation (closed world). */
  created?: string[];
  modified?: string[];
  deleted?: string[];
  /** Changes that must have happened, each pattern by at least one change. */
  must?: { created?: string[]; modified?: string[]; deleted?: string[] };
  /** Paths that must not change, whatever the lists above say. */
  forbidden?: string[];
  /** For `shell.run`: the exit codes that count as success; default [0]. */
  exit_codes?: number[];
}

export interface ExpectedChange {
  pattern: string;
  change: ChangeKind;
  /** True: at least one observed change must match. */
  must: boolean;
  /** For written files: the content that must be there afterwards, `sha256:<hex>`. */
  sha256?: string;
}

/** The effects an action may and must have, fixed before it runs and bound to its arguments by digest. */
export interface Contract {
  tool: string;
  args_digest: string;
  expected: ExpectedChange[];
  /** Patterns outside which nothing may change. Empty: nothing may change at all. */
  allowed_scope: string[];
  forbidden: string[];
  /** The tool's own success condition beside the diff. */
  exit_codes?: number[];
  reversibility: 'none' | 'reversible' | 'compensable' | 'irreversible';
  mode: 'enforce' | 'observe';
}

export type VerdictKind = 'verified' | 'deviated' | 'inconclusive' | 'unverifiable';

export interface Deviation {
  path?: string;
  change?: ChangeKind;
  /** A sentence a person can act on. */
  reason: string;
}

export interface Verdict {
  verdict: VerdictKind;
  deviations: Deviation[];
  /** How many observed changes matched an expectation. */
  matched: number;
}
