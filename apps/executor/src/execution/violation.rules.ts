import type { executor } from '#contracts';

export interface DeviatedAction {
  step: number;
  index: number;
  tool: string;
  verified: executor.VerifiedFact;
  undone: executor.UndoneFact | null;
}

/** What a detector noticed that nobody may pass over. */
export interface Detection {
  code: string;
  severity: executor.SeenViolation['severity'];
  sentence: string;
  step: number;
}

const MOST = 100;
const SHOWN_DEVIATIONS = 10;

const bySpec = ({ spec_id, severity, sentence, steps }: executor.SpecViolationView): executor.SeenViolation => ({
  violation_type: 'spec',
  policy_id: spec_id,
  severity: severity as executor.SeenViolation['severity'],
  sentence,
  step: steps.at(-1) ?? null,
  details: { steps },
});

/** What could not be put back weighs more than what is as if it had never been. */
const byContract = ({ step, index, tool, verified, undone }: DeviatedAction): executor.SeenViolation => ({
  violation_type: 'contract',
  policy_id: null,
  severity: undone?.outcome === 'undone' ? 'high' : 'critical',
  sentence: verified.deviations[0]?.reason ?? `${tool} left its contract.`,
  step,
  details: {
    index,
    tool,
    deviations: verified.deviations.slice(0, SHOWN_DEVIATIONS),
    outcome: undone?.outcome ?? null,
  },
});

const byDetector = ({ code, severity, sentence, step }: Detection): executor.SeenViolation => ({
  violation_type: 'detector',
  policy_id: code,
  severity,
  sentence,
  step,
  details: {},
});

/** What was noticed so far, with what a step adds to it: findings below `high` are for whoever watches, and no more. */
export const detectionsWith = (
  before: readonly Detection[],
  step: number,
  findings: readonly executor.FindingView[],
): Detection[] => {
  const grave = findings.filter(({ severity }) => severity === 'high' || severity === 'critical');
  return [...before, ...grave.map((finding) => ({ ...finding, step }))].slice(0, MOST);
};

/** What an ended run broke, as others are told: what really changed first. */
export const violationsOf = (
  specs: readonly executor.SpecViolationView[],
  deviated: readonly DeviatedAction[],
  detections: readonly Detection[],
): executor.SeenViolation[] =>
  [...deviated.map(byContract), ...specs.map(bySpec), ...detections.map(byDetector)].slice(0, MOST);
