import { prediction } from '#contracts';
import type { Platform } from '#service';
import { answer, type Answering, open } from './answering.js';

const NOTICED: prediction.Finding = { code: 'a.b', severity: 'low', sentence: 'Noticed.', evidence: [] };

const FORETOLD: prediction.RunPrediction = {
  predicted_risk: 0.2,
  predicted_deception: 0.1,
  confidence: 0.5,
  warnings: [],
  recommendation: 'Go on.',
  recommendation_code: 'proceed',
  basis: ['rules'],
  factors: [],
  interval: [0.1, 0.3],
  base_rate: 0,
  similar_executions: [],
  expected_cost: null,
  expected_steps: null,
  model_version: 'of-a-test',
};

/** Prediction by its contract alone. */
export interface Prediction extends Answering {
  /** Called before an assessment is answered. */
  beforeAssessing: (input: prediction.AssessAction) => Promise<void>;
  analyzed: prediction.AnalyzeStep[];
  asked: prediction.PredictRun[];
  /** What it finds in a turn. */
  findings: (input: prediction.AnalyzeStep) => prediction.Finding[];
}

export const startPrediction = async (platform: Platform): Promise<Prediction> => {
  const { connection, answering } = await open(platform, 'prediction');
  const self: Prediction = {
    ...answering,
    beforeAssessing: async () => undefined,
    analyzed: [],
    asked: [],
    findings: () => [],
  };
  answer(connection, prediction.run.predict, async (input): Promise<prediction.RunPrediction> => {
    self.asked.push(input);
    return FORETOLD;
  });
  answer(connection, prediction.action.assess, async (input) => {
    await self.beforeAssessing(input);
    return { risk: 0.3, findings: [NOTICED] };
  });
  answer(connection, prediction.step.analyze, async (input) => {
    self.analyzed.push(input);
    const seen = ((input.state?.seen as number | undefined) ?? 0) + 1;
    const findings = self.findings(input);
    return { risk_score: 0.25, deception_probability: 0.05, findings, violations: [], state: { seen } };
  });
  await connection.flush();
  return self;
};
