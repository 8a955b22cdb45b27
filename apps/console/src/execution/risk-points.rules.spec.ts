import { describe, expect, it } from '@jest/globals';
import type { Step } from '#client/browser';
import { riskPoints, riskSummary } from './risk-points.rules.js';

const step = (number: number, risks: (number | null)[]): Step =>
  ({ step: number, actions: risks.map((risk, i) => ({ key: `e/${number}/${i}`, predicted: { risk } })) }) as Step;

describe('risk over steps', () => {
  const risks = new Map([[2, { risk_score: 0.5, deception_probability: 0 }]]);
  const points = riskPoints([step(1, [0.1, 0.3]), step(2, [null]), step(3, [])], risks);

  it('has the highest of the actions, and the run where the analyser said it', () => {
    expect(points).toEqual([
      { step: 1, run: null, action: 0.3 },
      { step: 2, run: 0.5, action: null },
      { step: 3, run: null, action: null },
    ]);
  });

  it('is told in words, too', () => {
    expect(riskSummary(points, 0.5)).toBe(
      'The risk of the run is 0.50. The riskiest action was predicted at 0.30, in step 1 of 3 shown.',
    );
    expect(riskSummary([], 0)).toContain('No action');
  });
});
