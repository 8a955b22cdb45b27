import type { Severity, TaintSummary } from '../assessment/assessment.types.js';

/**
 * What conditions see: one event per action, then one `turn` per step. On a `turn`, the action's fields are empty; on an
 * `action`, `final_answer` is. Field names are the CEL variables.
 */
export interface TraceEvent {
  kind: 'action' | 'turn';
  step: bigint;
  tool: string;
  arguments: Record<string, unknown>;
  /** Equal for two calls of one tool with equal arguments. */
  call: string;
  ok: boolean;
  output: string;
  error: string;
  verdict: string;
  deviations: { path: string; change: string; reason: string }[];
  thought: string;
  observation: string;
  final_answer: string;
  taint: TaintSummary;
}

export type Condition = (event: TraceEvent) => boolean;
export type Keys = (event: TraceEvent) => string[];

export type SpecRule =
  | { kind: 'never'; match: Condition }
  | { kind: 'always'; when: Condition; holds: Condition }
  | {
      kind: 'before';
      act: Condition;
      requires: Condition;
      key: Keys | null;
      requiredKey: Keys | null;
      ancestors: boolean;
    }
  | { kind: 'after'; seen: Condition; never: Condition; until: Condition | null }
  | { kind: 'at_most'; times: number; of: Condition; key: Keys | null }
  | { kind: 'within'; steps: number; trigger: Condition; expect: Condition; key: Keys | null };

/** An example trace in the analyser's step shape; `steps` of a violating one are those its first violation must name. */
export interface SpecExample {
  name: string;
  violates: boolean;
  trace: unknown[];
}

export interface CompiledSpec {
  id: string;
  version: number;
  severity: Severity;
  sentence: string;
  rule: SpecRule;
  examples: SpecExample[];
  /** Where its automaton lives in the state; changes with id and version, so an edited spec starts afresh. */
  slot: string;
  /** Keys the automaton remembers at most. */
  capacity: number;
}

export interface CompiledSpecs {
  specs: readonly CompiledSpec[];
}

/** Small JSON per spec. Keys are hashes; the oldest go first when a spec's capacity is full. */
export type AutomatonState =
  | { keys: string; full: boolean }
  | { since: number }
  | { counts: [key: string, steps: number[]][] }
  | { open: [key: string, since: number][] };

export type SpecState = Record<string, AutomatonState>;

export interface SpecViolation {
  spec_id: string;
  severity: Severity;
  sentence: string;
  /** From 1; every step the violation rests on, oldest first. */
  steps: number[];
  /** The tool of the action that completed it; null when the agent's words did. */
  tool: string | null;
}

/** A condition that could not be evaluated on an event counts as not matched, and is reported. */
export interface SpecProblem {
  spec_id: string;
  step: number;
  message: string;
}
