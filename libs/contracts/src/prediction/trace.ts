import { Bool, Json, ListOf, OneOf, Share, Text } from '../fields.js';
import { rpc } from '../message.js';
import { Finding, SpecViolation, TOOL_EFFECTS, type ToolEffects } from './step.js';

export class TracedAction {
  @Text({ min: 1, max: 200 }) tool!: string;
  @OneOf(TOOL_EFFECTS, { optional: true, doc: 'What the tool can do to the world, where known.' })
  effects?: ToolEffects | null;
  @Json() arguments!: Record<string, unknown>;
  @Bool({ doc: 'The tool succeeded.' }) ok!: boolean;
  @Text({ optional: true, max: 100_000 }) output?: string | null;
  @Text({ optional: true }) error?: string | null;
}

/** One turn of an agent that may have run anywhere. */
export class TraceStep {
  @Text({ optional: true, max: 100_000 }) thought?: string | null;
  @ListOf(() => TracedAction, { optional: true, max: 100 }) actions?: TracedAction[] | null;
  @Text({ optional: true, max: 100_000, doc: 'What reached the agent beside the outputs of its actions.' })
  observation?: string | null;
  @Text({ optional: true, max: 100_000, doc: 'On the last turn.' }) final_answer?: string | null;
}

export class AnalyzeTrace {
  @Text({ optional: true, max: 100_000, doc: 'What the agent was told to do.' }) task_description?: string | null;
  @ListOf(() => TraceStep, { max: 500, doc: 'In order; findings count them from 1.' }) steps!: TraceStep[];
}

export class TraceAnalysis {
  @Share() risk_score!: number;
  @Share({ doc: 'From inconsistency signals only.' }) deception_probability!: number;
  @ListOf(() => SpecViolation, { doc: 'The first 500.' }) violations!: SpecViolation[];
  @ListOf(() => Finding, { doc: 'The first 500; the scores count all.' }) findings!: Finding[];
}

export const trace = {
  analyze: rpc('prediction.trace.analyze.v1', AnalyzeTrace, TraceAnalysis),
} as const;
