import type { ChangeKind } from '#snapshots';

/**
 * What a playbook or a request says about an action's effects. Patterns are globs relative to the workspace root
 * (`build/**`); dot files match. Absent lists mean "none".
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

export interface PathPattern {
  /** exact: this path; below: this path and everything under it; glob: picomatch, dot files included. */
  match: 'exact' | 'below' | 'glob';
  path: string;
}

export interface ExpectedChange extends PathPattern {
  change: ChangeKind;
}

/** What a tool promises about one call, before anybody tightens it. */
export interface ToolEffect {
  /** Changes the call may cause. `whole`: the tool can reach all of the workspace, so only an expectation allows any. */
  may: ExpectedChange[] | 'whole';
  /** Changes the call causes when it succeeds, unless the state it leads to was there before. */
  must: ExpectedChange[];
  /** Content that must be there when it succeeds. */
  content?: { path: string; sha256: string };
}

/** The effects an action may and must have, fixed before it runs and bound to its arguments by digest. */
export interface Contract {
  tool: string;
  args_digest: string;
  /** Closed world: a change that matches none of these deviates. */
  may: ExpectedChange[];
  /** The expectation beside what the tool promises: a change must match both. Null: nothing was stated. */
  within: ExpectedChange[] | null;
  must: ExpectedChange[];
  forbidden: PathPattern[];
  content: { path: string; sha256: string } | null;
  exit_codes: number[];
  /**
   * True: the tool can only touch what `may` names, so a change elsewhere was made by somebody else (inconclusive).
   * False: it could have touched anything, so a change elsewhere is its own (deviated).
   */
  confined: boolean;
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
}
