import type { Step } from '#client/browser';
import type { Chronicle } from './chronicle.rules.js';

/** Risks around one step; null: not known, or nobody was asked. */
export interface RiskPoint {
  step: number;
  /** The run's highest risk so far, after the step. */
  run: number | null;
  /** The highest that was predicted for one of its actions. */
  action: number | null;
}

const highest = (risks: readonly (number | null | undefined)[]): number | null =>
  risks.reduce<number | null>((most, risk) => (typeof risk === 'number' ? Math.max(most ?? 0, risk) : most), null);

export const riskPoints = (steps: readonly Step[], risks: Chronicle['risks']): RiskPoint[] =>
  steps.map(({ step, actions }) => ({
    step,
    run: risks.get(step)?.risk_score ?? null,
    action: highest(actions.map(({ predicted }) => predicted?.risk)),
  }));

/** The same in words, for who cannot see the curve. */
export const riskSummary = (points: readonly RiskPoint[], now: number): string => {
  const top = points.reduce<RiskPoint | null>(
    (most, one) => ((one.action ?? -1) > (most?.action ?? -1) ? one : most),
    null,
  );
  const run = `The risk of the run is ${now.toFixed(2)}.`;
  if (!top || top.action === null) return `${run} No action has been predicted yet.`;
  return `${run} The riskiest action was predicted at ${top.action.toFixed(2)}, in step ${top.step} of ${points.length} shown.`;
};
