import type { prediction } from '#contracts';
import { storable } from '#kernel';
import { visible } from '../visible/visible.rules.js';
import type { AnalyzedAction, AnalyzedStep, AnalyzerState, Finding } from './analysis.types.js';
import type { SpecViolation } from '../spec/spec.types.js';

/** Findings, and violations, of one answer: what the bus carries in one message. The risk counts all. */
const MOST_SHOWN = 500;
/** What an error is called that arrives as a sentence alone. */
const ERROR_CODE = 'tool.failed';

const errorOf = (message: string | null | undefined): AnalyzedAction['error'] =>
  message ? { code: ERROR_CODE, message } : null;

export const stepOf = (input: prediction.AnalyzeStep): AnalyzedStep => ({
  step: input.step,
  thought: input.thought,
  actions: input.actions.map(({ effects: _effects, output_truncated, deviations, error, ...action }) => ({
    ...action,
    output_truncated: output_truncated ?? false,
    deviations: deviations.map((reason) => ({ reason })),
    error: errorOf(error),
  })),
  ...answer(input.final_answer),
});

export const stepsOf = (input: prediction.AnalyzeTrace): AnalyzedStep[] =>
  input.steps.map(({ thought, actions, observation, final_answer }, i) => ({
    step: i + 1,
    thought: thought ?? '',
    actions: (actions ?? []).map(({ tool, arguments: args, ok, output, error }) => ({
      tool,
      arguments: args,
      ok,
      output_excerpt: output ?? '',
      error: errorOf(error),
    })),
    observation: observation ?? '',
    ...answer(final_answer),
  }));

/** Only a turn that ended the run has the member: an empty answer is still an answer. */
const answer = (text: string | null | undefined): Pick<AnalyzedStep, 'final_answer'> =>
  text === null || text === undefined ? {} : { final_answer: text };

export const findingsView = (findings: readonly Finding[]): prediction.Finding[] =>
  visible(findings.slice(0, MOST_SHOWN));

export const violationsView = (violations: readonly SpecViolation[]): prediction.SpecViolation[] =>
  violations
    .slice(0, MOST_SHOWN)
    .map(({ spec_id, severity, sentence, steps }) => ({ spec_id, severity, sentence, steps }));

/** As it may be kept in PostgreSQL; its hashes must come back unchanged, so it is not redacted. */
export const stateView = (state: AnalyzerState): prediction.AnalyserState =>
  ({
    ...state,
    last: state.last && { ...state.last, tool: storable(state.last.tool), error: visible(state.last.error) },
  }) as unknown as prediction.AnalyserState;
