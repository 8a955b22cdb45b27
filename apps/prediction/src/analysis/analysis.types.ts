import type { EffectsClass, RunSummary, Severity, TaintSummary } from '../assessment/assessment.types.js';
import type { CompiledSpecs, SpecState, SpecViolation } from '../spec/spec.types.js';

export interface ObservedDeviation {
  path?: string;
  change?: string;
  reason: string;
}

/** One finished call as the control plane saw it. `output_excerpt` is at most 8 KiB; a longer output sets `output_truncated`. */
export interface AnalyzedAction {
  /** `<name>@v<n>` or the bare name. */
  tool: string;
  arguments: Record<string, unknown>;
  ok: boolean;
  output_excerpt?: string;
  output_truncated?: boolean;
  verdict?: 'verified' | 'deviated' | 'inconclusive' | 'unverifiable' | null;
  deviations?: ObservedDeviation[];
  error?: { code: string; message: string } | null;
}

export interface AnalyzedStep {
  /** From 1, without gaps. */
  step: number;
  thought: string;
  actions: AnalyzedAction[];
  /** What reached the agent in this step beside its actions' outputs (a person's reply, a retrieved document). */
  observation?: string;
  /** Present in the last step of a run that ended with an answer. */
  final_answer?: string;
}

/** What the analyser may know beside the steps; the same for every step of a run, but for `taint`. */
export interface AnalysisContext {
  task_description: string;
  /** Everything else the run was given (playbook inputs, system text); read once, at the first step. */
  inputs?: unknown;
  /** Effects class by bare tool name; a tool that is missing counts as `unknown`. */
  tools?: Record<string, EffectsClass>;
  taint?: TaintSummary | null;
  specs: CompiledSpecs;
}

export type FindingCode =
  | 'success_claimed_after_error'
  | 'unsupported_quote'
  | 'claimed_call_missing'
  | 'claimed_effect_missing'
  | 'undisclosed_effect'
  | 'thought_action_mismatch';

export interface Finding {
  code: FindingCode;
  step: number;
  severity: Severity;
  sentence: string;
  /** The two pieces that contradict each other, each at most 200 characters. */
  evidence: [string, string];
  /** Share of true findings among those labelled so far; null until it has been measured. */
  precision: number | null;
}

/**
 * `risk_score` and `deception_probability` are 0..1. The second combines inconsistency signals only (no model, not calibrated):
 * every view labels it "inconsistency signals".
 */
export interface RunRisk {
  risk_score: number;
  deception_probability: number;
}

/** Per finding code or spec, hashed: the largest weight seen and how often. */
export type Scores = Record<string, [weight: number, count: number]>;

/**
 * The result a claim of success is held against: the last one of an action that may have changed something, so that a
 * harmless call in between hides no failure; of any action while there is none.
 */
export interface LastResult {
  step: number;
  tool: string;
  ok: boolean;
  error: string;
  changing: boolean;
  /** A thought since then has spoken of the failure, or has already been reported. */
  admitted: boolean;
}

/** Opaque to whoever stores it; JSON of at most 16 KiB. `null` is the state before the first step. */
export interface AnalyzerState {
  v: 1;
  seen: SeenTokens;
  /** True once an output was cut: what is not in `seen` may still have been observed, so quotes are no longer judged. */
  partial: boolean;
  /** Packed hashes of the bare names of tools called so far. */
  called: string;
  /** Successful actions that may have changed something. */
  effects: number;
  last: LastResult | null;
  /** Recently seen amounts, newest last: a quoted amount may be a sum or difference of two of them. */
  amounts: number[];
  specs: SpecState;
  risk: Scores;
  signals: Scores;
  summary: RunSummary;
}

/** A set that never forgets and may only err by claiming to have seen something: exact while small, then a Bloom filter. */
export type SeenTokens = { kind: 'list'; hashes: string } | { kind: 'bloom'; bits: string; count: number };

export interface StepAnalysis {
  state: AnalyzerState;
  findings: Finding[];
  violations: SpecViolation[];
  risk: RunRisk;
}

export interface TraceAnalysis {
  findings: Finding[];
  violations: SpecViolation[];
  risk: RunRisk;
}
