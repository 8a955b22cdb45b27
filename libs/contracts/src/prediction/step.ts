import { AnyJson, Bool, Id, Int, Json, ListOf, OneOf, Share, Text, Texts } from '../fields.js';
import { rpc } from '../message.js';

export const TOOL_EFFECTS = ['none', 'reversible', 'compensable', 'irreversible'] as const;
export type ToolEffects = (typeof TOOL_EFFECTS)[number];
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The analyser's memory of one execution, at most 16 KiB of JSON; opaque to whoever keeps it. Null before the first step. */
export type AnalyserState = Record<string, unknown> | null;

export class AssessAction {
  @Id() execution_id!: string;
  @Int({ min: 1 }) step!: number;
  @Int() index!: number;
  @Text() tool!: string;
  @OneOf(TOOL_EFFECTS) effects!: ToolEffects;
  @Json() arguments!: Record<string, unknown>;
  @Texts({ doc: 'Workspace paths it names.' }) paths!: string[];
  @Json({ optional: true }) state!: AnalyserState;
}

export class Finding {
  @Text() code!: string;
  @OneOf(SEVERITIES) severity!: Severity;
  @Text() sentence!: string;
  @Texts({ doc: 'The pieces that contradict each other, excerpts.' }) evidence!: string[];
}

export class ActionAssessment {
  @Share() risk!: number;
  @ListOf(() => Finding) findings!: Finding[];
}

export class AnalyzedAction {
  @Text() tool!: string;
  @OneOf(TOOL_EFFECTS, { optional: true, doc: 'As the tool declares them; null when nobody does.' })
  effects?: ToolEffects | null;
  @Json() arguments!: Record<string, unknown>;
  @Bool({ doc: 'The tool succeeded.' }) ok!: boolean;
  @Text({ max: 16_384, doc: 'The first 8 KiB.' }) output_excerpt!: string;
  @Bool({ optional: true, doc: 'The tool gave more than the excerpt shows.' }) output_truncated?: boolean | null;
  @OneOf(['verified', 'deviated', 'inconclusive', 'unverifiable'], { optional: true })
  verdict!: 'verified' | 'deviated' | 'inconclusive' | 'unverifiable' | null;
  @Texts({ doc: 'Sentences.' }) deviations!: string[];
  @Text({ optional: true }) error!: string | null;
}

export class AnalyzeStep {
  @Id() execution_id!: string;
  @Int({ min: 1 }) step!: number;
  @Text({ max: 100_000 }) task_description!: string;
  @Text({ max: 100_000 }) thought!: string;
  @ListOf(() => AnalyzedAction, { max: 1000 }) actions!: AnalyzedAction[];
  @Text({ optional: true, max: 100_000, doc: 'On the last turn.' }) final_answer!: string | null;
  @Json({ optional: true }) state!: AnalyserState;
}

export class SpecViolation {
  @Text() spec_id!: string;
  @OneOf(SEVERITIES) severity!: Severity;
  @Text() sentence!: string;
  @AnyJson() steps!: number[];
}

export class StepAnalysis {
  @Share() risk_score!: number;
  @Share() deception_probability!: number;
  @ListOf(() => Finding, { doc: 'The first 500; the scores count all.' }) findings!: Finding[];
  @ListOf(() => SpecViolation, { doc: 'The first 500.' }) violations!: SpecViolation[];
  @Json({ optional: true }) state!: AnalyserState;
}

export const action = {
  assess: rpc('prediction.action.assess.v1', AssessAction, ActionAssessment),
} as const;

export const step = {
  analyze: rpc('prediction.step.analyze.v1', AnalyzeStep, StepAnalysis),
} as const;
