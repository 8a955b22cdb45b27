import type { executor } from '#contracts';

export interface DeviatedAction {
  step: number;
  index: number;
  tool: string;
  verified: executor.VerifiedFact;
  undone: executor.UndoneFact | null;
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

/** What an ended run broke, as others are told. */
export const violationsOf = (
  specs: readonly executor.SpecViolationView[],
  deviated: readonly DeviatedAction[],
): executor.SeenViolation[] => [...specs.map(bySpec), ...deviated.map(byContract)].slice(0, MOST);
