import type { EffectsClass } from '../assessment/assessment.types.js';
import { bareTool } from '../assessment/tool.rules.js';
import { advance } from '../spec/spec.rules.js';
import type { SpecProblem, SpecViolation } from '../spec/spec.types.js';
import type {
  AnalysisContext,
  AnalyzedStep,
  AnalyzerState,
  Finding,
  StepAnalysis,
  TraceAnalysis,
} from './analysis.types.js';
import {
  claimedCallMissing,
  claimedEffectMissing,
  effectsOf,
  lastResult,
  mayChange,
  successAfterError,
  thoughtAgainstAction,
  undisclosedEffects,
  type RunSoFar,
} from './contradiction.rules.js';
import { hash7, unpack } from './hash.rules.js';
import { answerQuotes, argumentQuotes, MAX_AMOUNTS } from './quote.rules.js';
import { exposureOf, findingWeight, runRisk, score, signalWeight, violationWeight } from './risk.rules.js';
import { NOTHING_SEEN, SeenSet } from './seen.rules.js';
import { amountsIn, supportIn, textOf } from './token.rules.js';

const MAX_OUTPUT = 8_192;
const MAX_INPUT = 65_536;
/** Characters of a thought, answer, observation, output or of one call's arguments that are read; caps the time of a step. */
const MAX_TEXT = 32_768;
const MAX_TOOLS_REMEMBERED = 64;
const EMPTY: AnalyzerState = {
  v: 1,
  seen: NOTHING_SEEN,
  partial: false,
  called: '',
  effects: 0,
  last: null,
  amounts: [],
  specs: {},
  risk: {},
  signals: {},
  summary: { findings: 0, violations: 0, deviations: 0, risk_score: 0 },
};

/**
 * One finished step. `state` is what the previous step's analysis returned, null before the first; it is not changed. Steps
 * must come in order, texts are read up to 32 KiB each; a step that was analysed twice from the same state gives the same answer.
 */
export function analyzeStep(
  state: AnalyzerState | null,
  whole: AnalyzedStep,
  context: AnalysisContext,
): StepAnalysis & { problems: SpecProblem[] } {
  const step = clipped(whole);
  const before = state ?? EMPTY;
  const seen = new SeenSet(before.seen);
  const given = state === null ? `${context.task_description}\n${textOf(context.inputs)}` : '';
  seen.add(supportIn(given.slice(0, MAX_INPUT)));
  const tools = context.tools ?? {};
  const called = new Set([...unpack(before.called), ...step.actions.map(({ tool }) => hash7(bareTool(tool)))]);
  const effects = before.effects + step.actions.filter((action) => action.ok && mayChange(action, tools)).length;
  const run: RunSoFar = {
    last: before.last,
    wasCalled: (tool) => called.size > MAX_TOOLS_REMEMBERED || called.has(hash7(bareTool(tool))),
    effects,
    tools,
  };

  const read = readStep({ ...before, partial: before.partial || given.length > MAX_INPUT }, step, seen);
  const findings = [
    ...successAfterError(step, run),
    ...claimedCallMissing(step, run),
    ...claimedEffectMissing(step, run),
    ...undisclosedEffects(step),
    ...thoughtAgainstAction(step),
    ...read.findings,
  ];
  const specs = advance(context.specs, before.specs, step, context.taint);
  const scores = scoreStep(before, step, tools, findings, specs.violations);
  const risk = runRisk(scores.risk, scores.signals);
  const next: AnalyzerState = {
    v: 1,
    seen: seen.pack(),
    partial: read.partial,
    called: [...called].slice(0, MAX_TOOLS_REMEMBERED + 1).join(''),
    effects,
    last: lastResult(before.last, step, tools),
    amounts: read.amounts,
    specs: specs.state,
    ...scores,
    summary: {
      findings: before.summary.findings + findings.length,
      violations: before.summary.violations + specs.violations.length,
      deviations: before.summary.deviations + step.actions.filter(({ verdict }) => verdict === 'deviated').length,
      risk_score: risk.risk_score,
    },
  };
  return { state: next, findings, violations: specs.violations, risk, problems: specs.problems };
}

const clip = (text: string): string => (text.length <= MAX_TEXT ? text : text.slice(0, MAX_TEXT));

const clipped = (step: AnalyzedStep): AnalyzedStep => ({
  ...step,
  thought: clip(step.thought),
  observation: clip(step.observation ?? ''),
  final_answer: step.final_answer === undefined ? undefined : clip(step.final_answer),
  actions: step.actions.map((action) => ({ ...action, output_excerpt: clip(action.output_excerpt ?? '') })),
});

/** The fold of `analyzeStep`: same findings, same risk, whoever called it step by step. */
export function analyzeTrace(steps: readonly AnalyzedStep[], context: AnalysisContext): TraceAnalysis {
  let state: AnalyzerState | null = null;
  const analysis: TraceAnalysis = { findings: [], violations: [], risk: { risk_score: 0, deception_probability: 0 } };
  for (const step of steps) {
    const { findings, violations, risk, state: next } = analyzeStep(state, step, context);
    state = next;
    analysis.findings.push(...findings);
    analysis.violations.push(...violations);
    analysis.risk = risk;
  }
  return analysis;
}

/** Judges the quotes of a step in the order in which things became known: arguments, outputs, observation, answer. */
function readStep(
  before: AnalyzerState,
  step: AnalyzedStep,
  seen: SeenSet,
): { findings: Finding[]; partial: boolean; amounts: number[] } {
  const findings: Finding[] = [];
  let { partial } = before;
  const amounts = new Set(before.amounts);
  for (const action of step.actions) {
    if (!partial) findings.push(...argumentQuotes(action, seen, step.step));
    const output = action.output_excerpt ?? '';
    const given = textOf(action.arguments);
    partial ||= action.output_truncated === true || output.length >= MAX_OUTPUT || given.length > MAX_TEXT;
    const text = `${clip(given)}\n${output}\n${action.error?.message ?? ''}`;
    seen.add(supportIn(text));
    for (const amount of amountsIn(text)) if (amounts.size < MAX_AMOUNTS) amounts.add(amount);
  }
  seen.add(supportIn(step.observation ?? ''));
  if (step.final_answer !== undefined && !partial)
    findings.push(...answerQuotes(step.final_answer, seen, [...amounts], step.step));
  return { findings, partial, amounts: [...amounts] };
}

const EFFECTS_ORDER: readonly EffectsClass[] = ['none', 'reversible', 'unknown', 'compensable', 'irreversible'];

function scoreStep(
  before: AnalyzerState,
  step: AnalyzedStep,
  tools: Record<string, EffectsClass>,
  findings: Finding[],
  violations: SpecViolation[],
) {
  const classOf = (tool: string): EffectsClass => effectsOf(tool, tools);
  const worst = step.actions
    .map(({ tool }) => classOf(tool))
    .sort((a, b) => EFFECTS_ORDER.indexOf(b) - EFFECTS_ORDER.indexOf(a))[0];
  const exposure = exposureOf(worst ?? 'reversible');
  let { risk, signals } = before;
  for (const finding of findings) {
    risk = score(risk, finding.code, findingWeight(finding, exposure));
    signals = score(signals, finding.code, signalWeight(finding));
  }
  for (const violation of violations)
    risk = score(
      risk,
      violation.spec_id,
      violationWeight(violation, violation.tool === null ? exposure : exposureOf(classOf(violation.tool))),
    );
  return { risk, signals };
}
