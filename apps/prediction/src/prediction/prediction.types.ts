import type { EffectsClass } from '../assessment/assessment.types.js';

/** Ended executions. `failed` and `deviated` are disjoint parts of `finished`; a run that did both counts as deviated. */
export interface OutcomeCounts {
  finished: number;
  failed: number;
  deviated: number;
}

export interface PredictionInput {
  task_description: string;
  agent_type: string;
  max_steps: number;
  tools?: { name: string; effects: EffectsClass }[];
  /** This agent's counts, and its team's as `base`. */
  history?: OutcomeCounts & { base: OutcomeCounts };
  /** A playbook is its own bound: `steps` replaces the estimate of how long the run is. */
  playbook?: { steps: number; tools: { name: string; effects: EffectsClass }[] };
}

/** One thing that raised the risk. `weight` is 0..1, the risk it would give alone. */
export interface Factor {
  name: string;
  weight: number;
  evidence: string;
}

export type RiskBand = 'low' | 'medium' | 'high' | 'critical';
export type RecommendationCode = 'proceed' | 'proceed_with_caution' | 'review' | 'do_not_proceed';

export interface Prediction {
  /** 0..1: that the run does harm, leaves a contract or fails (a plain failure counts half). */
  predicted_risk: number;
  /** 0..1: that the run's words will not match its deeds. */
  predicted_deception: number;
  /** 0..1: one minus the width of `interval`. */
  confidence: number;
  warnings: string[];
  /** A sentence for people. */
  recommendation: string;
  recommendation_code: RecommendationCode;
  /** What spoke: `rules`, `history`. */
  basis: string[];
  factors: Factor[];
  /** 90 % interval of `predicted_risk` as if it had been a share of that many runs; not calibrated. */
  interval: [number, number];
  /** The team's share of bad outcomes, shrunk towards the house's when it has few runs. */
  base_rate: number;
  similar_executions: string[];
  expected_cost: number | null;
  expected_steps: number;
  model_version: string;
}

export interface TextHazard {
  name: string;
  weight: number;
  /** The words that showed it, at most 120 characters. */
  evidence: string;
}
