import { AnyJson, Id, Int, ListOf, Num, OneOf, Share, Text, Texts } from '../fields.js';
import { rpc } from '../message.js';

export const RECOMMENDATION_CODES = ['proceed', 'proceed_with_caution', 'review', 'do_not_proceed'] as const;

export class PredictRun {
  @Text({ min: 1, max: 10_000 }) task_description!: string;
  @Text({ min: 1, max: 200 }) agent_type!: string;
  @Int({ optional: true, min: 1, max: 1000, doc: '1..1000, default 10.' }) max_steps?: number;
  @Text({ optional: true, min: 1, max: 200 }) agent_id?: string;
  @Texts({ optional: true, max: 100, maxLength: 100, doc: 'Tools it may use, `<name>@v<n>`, where known.' })
  tools?: string[];
  @Id({ optional: true, doc: 'The submitted run it is asked for; what it came to can then be held against it.' })
  execution_id?: string;
}

export class RiskFactor {
  @Text() name!: string;
  @Share({ doc: 'The risk it would give alone; parts are combined by noisy-or.' }) weight!: number;
  @Text() evidence!: string;
}

export class RunPrediction {
  @Share() predicted_risk!: number;
  @Share() predicted_deception!: number;
  @Share() confidence!: number;
  @Texts() warnings!: string[];
  @Text({ doc: 'The sentence people read.' }) recommendation!: string;
  @OneOf(RECOMMENDATION_CODES) recommendation_code!: (typeof RECOMMENDATION_CODES)[number];
  @Texts({ doc: 'What spoke: rules, history.' }) basis!: string[];
  @ListOf(() => RiskFactor) factors!: RiskFactor[];
  @AnyJson({ doc: '[low, high], each 0..1' }) interval!: [number, number];
  @Share({ doc: "The team's share of runs that ended badly." }) base_rate!: number;
  @AnyJson({ doc: 'Nearest past executions; empty while only rules speak.' }) similar_executions!: unknown[];
  @Num({ optional: true, doc: 'USD; null when unknown.' }) expected_cost!: number | null;
  @Num({ optional: true }) expected_steps!: number | null;
  @Text() model_version!: string;
}

export const run = {
  predict: rpc('prediction.run.predict.v1', PredictRun, RunPrediction),
} as const;
