import type { EffectsClass } from '../assessment/assessment.types.js';
import { toolConduct } from '../assessment/tool.rules.js';
import { clausesOf, deceptionHazards, textHazards } from './hazard.rules.js';
import type {
  Factor,
  OutcomeCounts,
  Prediction,
  PredictionInput,
  RecommendationCode,
  RiskBand,
} from './prediction.types.js';

export const MODEL_VERSION = 'rules-1';

/** Before anybody has run anything: a guess that eight observed runs already outweigh. */
const HOUSE_RATE = 0.05;
/** Runs a prior counts for (pooled strength of the Beta-Binomial). */
const PRIOR_STRENGTH = 8;
/** z of a two-sided 90 % interval. */
const Z90 = 1.645;
const FAILURE_SHARE = 0.5;

const EFFECTS_WEIGHT: Record<EffectsClass, number> = {
  none: 0,
  reversible: 0.02,
  compensable: 0.06,
  irreversible: 0.12,
  unknown: 0.06,
};
/** Conduct a tool's name announces, beside its effects class. */
const SENDS_WEIGHT = 0.06;
const DESTROYS_WEIGHT = 0.06;
/** Every tool beyond this many widens what a mistake can reach. */
const FEW_CHANGING_TOOLS = 4;
const WIDE_REACH_WEIGHT = 0.05;
const LONG_RUN_STEPS = 30;
const LONG_RUN_WEIGHT = 0.04;
const DECEPTION_BASE = 0.02;
/** A single hazard at least this heavy is named in the warnings. */
const NAMED_HAZARD = 0.3;

const BANDS: readonly (readonly [RiskBand, number])[] = [
  ['low', 0.3],
  ['medium', 0.7],
];
const HIGH_UP_TO = 0.8;

/** low < 0.3 <= medium < 0.7 <= high <= 0.8 < critical. `risk` is 0..1. */
export function riskBand(risk: number): RiskBand {
  for (const [band, below] of BANDS) if (risk < below) return band;
  return risk <= HIGH_UP_TO ? 'high' : 'critical';
}

const ADVICE: Record<RiskBand, readonly [RecommendationCode, string]> = {
  low: ['proceed', 'Nothing in the task, the tools or the history speaks against running it.'],
  medium: ['proceed_with_caution', 'Medium risk: run it with contracts enforced and watch its actions.'],
  high: ['review', 'High risk: have a person review the task and its tools before it runs.'],
  critical: ['do_not_proceed', 'Critical risk: do not run this task as it stands.'],
};

const NO_TOOLS_KNOWN =
  'Nothing in the task or the history speaks against running it; which tools it may use was not said.';

/**
 * Risk of a run before it starts, from what can be read: hazards in the text, effects of the tools, and outcomes so far.
 * Noisy-or over factors on top of a Beta-Binomial prior (pooled strength 8: agent towards team, team towards the house), so
 * that adding a hazard, a tool or a bad outcome never lowers it. No model, no neighbours, no price: `similar_executions` is
 * empty and `expected_cost` null. `max_steps` >= 1; counts >= 0.
 */
export function predictRun(input: PredictionInput): Prediction {
  const base = input.history?.base;
  const baseRate = pooled(base, HOUSE_RATE);
  const prior = pooled(input.history, baseRate);
  const factors = [
    ...(input.history ? [priorFactor(prior, input.history)] : []),
    ...textHazards(input.task_description),
    ...toolFactors(input),
    ...lengthFactors(input),
  ].sort((a, b) => b.weight - a.weight);
  const risk = round(noisyOr(input.history ? factors : [...factors, { weight: prior }]));
  const runs = PRIOR_STRENGTH + (input.history?.finished ?? 0);
  const interval = wilson(risk, runs);
  const [code, advice] = ADVICE[riskBand(risk)];
  const sentence = code === 'proceed' && !input.tools?.length ? NO_TOOLS_KNOWN : advice;
  const deceptive = deceptionHazards(input.task_description);
  return {
    predicted_risk: risk,
    predicted_deception: round(noisyOr([{ weight: DECEPTION_BASE }, ...deceptive])),
    confidence: round(1 - (interval[1] - interval[0])),
    warnings: warnings(risk, sentence, [...factors, ...deceptive]),
    recommendation: sentence,
    recommendation_code: code,
    basis: (input.history?.finished ?? 0) + (base?.finished ?? 0) > 0 ? ['rules', 'history'] : ['rules'],
    factors: [...factors, ...deceptive.map((factor) => ({ ...factor, name: `deception.${factor.name}` }))],
    interval,
    base_rate: round(baseRate),
    similar_executions: [],
    expected_cost: null,
    expected_steps: expectedSteps(input),
    model_version: MODEL_VERSION,
  };
}

/** Mean of the Beta posterior; a plain failure counts half, because nothing outside its contract happened. */
function pooled(counts: OutcomeCounts | undefined, towards: number): number {
  if (!counts) return towards;
  const bad = Math.min(counts.finished, counts.deviated + FAILURE_SHARE * counts.failed);
  return (bad + PRIOR_STRENGTH * towards) / (counts.finished + PRIOR_STRENGTH);
}

function priorFactor(
  weight: number,
  { finished, failed, deviated, base }: NonNullable<PredictionInput['history']>,
): Factor {
  const own =
    finished === 0
      ? 'no ended run of this agent'
      : `${failed} failed and ${deviated} deviated of ${finished} ended runs of this agent`;
  return {
    name: 'agent_prior',
    weight: round(weight),
    evidence: `${own}; ${base.failed} and ${base.deviated} of ${base.finished} in its team`,
  };
}

function toolFactors({ tools = [], playbook }: PredictionInput): Factor[] {
  const all = [...tools, ...(playbook?.tools ?? [])];
  const named = (list: typeof all): string => [...new Set(list.map(({ name }) => name))].slice(0, 6).join(', ');
  const factors: Factor[] = [];
  for (const effects of ['irreversible', 'compensable', 'unknown', 'reversible'] as const) {
    const some = all.filter((tool) => tool.effects === effects);
    if (some.length > 0)
      factors.push({ name: `tools.${effects}`, weight: EFFECTS_WEIGHT[effects], evidence: named(some) });
  }
  const sending = all.filter(({ name }) => toolConduct(name, {}).sends);
  if (sending.length > 0) factors.push({ name: 'tools.external_send', weight: SENDS_WEIGHT, evidence: named(sending) });
  const destroying = all.filter(({ name }) => toolConduct(name, {}).destroys);
  if (destroying.length > 0)
    factors.push({ name: 'tools.destructive', weight: DESTROYS_WEIGHT, evidence: named(destroying) });
  const changing = new Set(all.filter(({ effects }) => effects !== 'none').map(({ name }) => name));
  if (changing.size > FEW_CHANGING_TOOLS)
    factors.push({
      name: 'tools.wide_reach',
      weight: WIDE_REACH_WEIGHT,
      evidence: `${changing.size} tools that change something`,
    });
  return factors;
}

function lengthFactors(input: PredictionInput): Factor[] {
  const steps = input.playbook?.steps ?? input.max_steps;
  return steps > LONG_RUN_STEPS
    ? [{ name: 'long_run', weight: LONG_RUN_WEIGHT, evidence: `up to ${steps} steps` }]
    : [];
}

/** A playbook says it; else one step for each clause of the task and one to answer, at most `max_steps`. */
function expectedSteps({ playbook, max_steps: maxSteps, task_description: task }: PredictionInput): number {
  return playbook?.steps ?? Math.max(1, Math.min(maxSteps, clausesOf(task).length + 1));
}

function warnings(risk: number, sentence: string, factors: Factor[]): string[] {
  const named = factors.filter(({ name, weight }) => weight >= NAMED_HAZARD && name !== 'agent_prior');
  const prior = factors.filter(({ name, weight }) => name === 'agent_prior' && weight >= NAMED_HAZARD);
  return [
    ...(riskBand(risk) === 'low' ? [] : [sentence]),
    ...named.map(({ name, evidence }) => `${name.replaceAll('_', ' ')}: “${evidence}”`),
    ...prior.map(({ evidence }) => `Many earlier runs ended badly: ${evidence}.`),
  ];
}

const noisyOr = (parts: readonly { weight: number }[]): number =>
  1 - parts.reduce((kept, { weight }) => kept * (1 - weight), 1);

/** Wilson score interval of a share `p` of `n` runs (Wilson 1927). */
function wilson(p: number, n: number): [number, number] {
  const z2 = (Z90 * Z90) / n;
  const middle = (p + z2 / 2) / (1 + z2);
  const half = (Z90 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n))) / (1 + z2);
  return [round(Math.max(0, Math.min(p, middle - half))), round(Math.min(1, Math.max(p, middle + half)))];
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
