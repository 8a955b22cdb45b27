import { prediction } from '#contracts';
import { isAppError } from '#kernel';
import { Bus } from '#messaging';
import { Injectable } from '@nestjs/common';
import type { Action } from '../action/action.entity.js';
import { isShortened, visible } from '../action/visible.rules.js';
import { detectionsWith } from '../execution/violation.rules.js';
import type { Run } from '../execution/run.js';
import type { JournalEntry } from '../journal/journal.entry.js';
import type { ExecutionPatch } from '../journal/journal.js';
import { ToolRegistry } from '../tool/tool.registry.js';

const ANALYZE_TIMEOUT_MS = 1_000;
const EXCERPT_CHARACTERS = 8_192;

export interface AnalyzedTurn {
  step: number;
  thought: string;
  actions: Action[];
  final_answer: string | null;
}

/** Has prediction look at what happened; it keeps its memory of the run in the execution's row. */
@Injectable()
export class StepAnalyser {
  constructor(
    private readonly bus: Bus,
    private readonly tools: ToolRegistry,
  ) {}

  /**
   * The journal row and the change of the execution that say what was found, to be committed by the caller. Risk never
   * falls within a run, so a late or missing answer hides nothing that was known.
   */
  async analyse(run: Run, turn: AnalyzedTurn): Promise<{ entry: JournalEntry; patch: ExecutionPatch }> {
    const { risk_score, deception_probability, analyser_state, spec_violations, detections } = run.execution;
    const analysis = await this.ask(run, turn);
    const risk = {
      risk_score: Math.max(risk_score, analysis?.risk_score ?? 0),
      deception_probability: Math.max(deception_probability, analysis?.deception_probability ?? 0),
    };
    if (!analysis) return { entry: { kind: 'step.analyzed', body: { risk, findings: [UNAVAILABLE] } }, patch: {} };
    const noticed = visible(analysis.findings.map(({ code, severity, sentence }) => ({ code, severity, sentence })));
    const findings = visible([
      ...noticed,
      ...analysis.violations.map(({ spec_id, severity, sentence }) => ({ code: spec_id, severity, sentence })),
    ]);
    return {
      entry: { kind: 'step.analyzed', body: { risk, findings } },
      patch: {
        ...risk,
        analyser_state: analysis.state ?? analyser_state,
        spec_violations: [...spec_violations, ...analysis.violations],
        detections: detectionsWith(detections, turn.step, noticed),
      },
    };
  }

  private async ask(run: Run, turn: AnalyzedTurn): Promise<prediction.StepAnalysis | null> {
    const { id, task_description, analyser_state } = run.execution;
    const input = {
      execution_id: id,
      task_description,
      ...turn,
      actions: turn.actions.map((action) => this.analyzed(action)),
      state: analyser_state,
    };
    try {
      return await this.bus.call(run.ctx, prediction.step.analyze, input, { timeoutMs: ANALYZE_TIMEOUT_MS });
    } catch (error) {
      if (!isAppError(error)) throw error;
      return null;
    }
  }

  private analyzed(action: Action): prediction.AnalyzedAction {
    const output = JSON.stringify(action.done?.output ?? null);
    return {
      tool: action.tool,
      // A malformed call may name a tool that is not registered.
      effects: action.digest ? this.tools.get(action.tool).tool.effects : null,
      arguments: action.arguments,
      ok: action.done?.ok ?? false,
      output_excerpt: output.slice(0, EXCERPT_CHARACTERS),
      output_truncated: output.length > EXCERPT_CHARACTERS || isShortened(action.done?.output),
      verdict: action.verified?.verdict ?? null,
      deviations: action.verified?.deviations.map((one) => one.reason) ?? [],
      error: action.failure?.message ?? null,
    };
  }
}

const UNAVAILABLE = {
  code: 'analysis.unavailable',
  severity: 'low',
  sentence: 'The analyser did not answer in time.',
} as const;
