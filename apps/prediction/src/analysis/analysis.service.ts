import type { prediction } from '#contracts';
import { ENV, Timed } from '#service';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { setImmediate } from 'node:timers/promises';
import { effectsIn } from '../assessment/effects.rules.js';
import type { Env } from '../env.js';
import type { SpecViolation } from '../spec/spec.types.js';
import { analyzeStep } from './analysis.rules.js';
import type { AnalyzerState, Finding, RunRisk, StepAnalysis } from './analysis.types.js';
import { readState } from './state.rules.js';
import { findingsView, stateView, stepOf, stepsOf, violationsView } from './wire.rules.js';

/** Judges finished turns from what the caller sends; keeps nothing. */
@Injectable()
export class AnalysisService {
  private readonly log = new Logger('analysis');

  constructor(@Inject(ENV) private readonly env: Env) {}

  /** @throws AppError `analysis.state_invalid` */
  @Timed('prediction.step.analyze')
  step(input: prediction.AnalyzeStep): prediction.StepAnalysis {
    const { task_description, actions } = input;
    const { state, findings, violations, risk, problems } = analyzeStep(readState(input.state), stepOf(input), {
      task_description,
      tools: effectsIn(actions),
      specs: this.env.specs,
    });
    for (const problem of problems) this.log.warn({ execution_id: input.execution_id, ...problem });
    return {
      ...risk,
      findings: findingsView(findings),
      violations: violationsView(violations),
      state: stateView(state),
    };
  }

  /** The fold of `step`; between turns others get theirs. */
  async trace(input: prediction.AnalyzeTrace): Promise<prediction.TraceAnalysis> {
    const context = {
      task_description: input.task_description ?? '',
      tools: effectsIn(input.steps.flatMap(({ actions }) => actions ?? [])),
      specs: this.env.specs,
    };
    const findings: Finding[] = [];
    const violations: SpecViolation[] = [];
    let risk: RunRisk = { risk_score: 0, deception_probability: 0 };
    let state: AnalyzerState | null = null;
    for (const step of stepsOf(input)) {
      const analysis: StepAnalysis = analyzeStep(state, step, context);
      ({ state, risk } = analysis);
      findings.push(...analysis.findings);
      violations.push(...analysis.violations);
      await setImmediate();
    }
    return { ...risk, findings: findingsView(findings), violations: violationsView(violations) };
  }
}
