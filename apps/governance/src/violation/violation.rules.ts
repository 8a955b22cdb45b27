import type { executor, governance, prediction } from '#contracts';
import { noteRequired, nothingToChange } from './violation.errors.js';

type Status = governance.ViolationStatus;

/** Every way a violation's status may change; nothing else may change it. */
export const VIOLATION_TRANSITIONS: readonly { from: Status; to: Status; by: 'person' }[] = [
  { from: 'open', to: 'accepted', by: 'person' },
  { from: 'open', to: 'fixed', by: 'person' },
  { from: 'open', to: 'false_alarm', by: 'person' },
  { from: 'accepted', to: 'open', by: 'person' },
  { from: 'accepted', to: 'fixed', by: 'person' },
  { from: 'fixed', to: 'open', by: 'person' },
  { from: 'false_alarm', to: 'open', by: 'person' },
];

export const statusSources = (to: Status): Status[] => [
  ...VIOLATION_TRANSITIONS.filter((transition) => transition.to === to).map(({ from }) => from),
  to,
];

/** @throws AppError `violation.nothing_to_change`, `violation.note_required` */
export const assertChange = ({ owner, status, due_at, note }: Omit<governance.ChangeViolation, 'id'>): void => {
  if (owner === undefined && !status && due_at === undefined && !note) throw nothingToChange();
  if ((status === 'accepted' || status === 'false_alarm') && !note?.trim()) throw noteRequired(status);
};

/** Days until it should be settled. */
export const DUE_DAYS: Record<prediction.Severity, number> = { critical: 1, high: 7, medium: 30, low: 90 };

/** A violation that was noticed, before it is in the register. */
export interface Noticed {
  /** What of its run it is; the same however often it is noticed. */
  key: string;
  agent_id: string;
  policy_id: string | null;
  violation_type: governance.ViolationType;
  severity: prediction.Severity;
  sentence: string;
  details: Record<string, unknown>;
  execution_id: string;
  step: number | null;
}

/** An action, or a run, that policy refused for good. */
export const deniedViolation = (
  action: governance.DecideAction,
  { determining_policies, reasons }: Pick<governance.ActionDecision, 'determining_policies' | 'reasons'>,
): Noticed => {
  const { execution_id, step, index, agent_id, tool, target, effects, digest } = action;
  return {
    key: `${execution_id}/policy/${step}/${index}`,
    agent_id,
    policy_id: determining_policies[0] ?? null,
    violation_type: 'policy',
    severity: effects === 'irreversible' ? 'high' : 'medium',
    sentence: reasons.join(' ') || `Policy denies ${tool}.`,
    details: { tool, index, target, digest, policies: determining_policies },
    execution_id,
    step,
  };
};

/** What an ended run is told to have broken. */
export const endedViolations = ({
  execution_id,
  agent_id,
  violations,
}: Pick<executor.ExecutionFinished, 'execution_id' | 'agent_id' | 'violations'>): Noticed[] =>
  (violations ?? []).map(({ violation_type, policy_id, severity, sentence, step, details }) => ({
    key: [execution_id, violation_type, policy_id, step, ...(details?.index === undefined ? [] : [details.index])].join(
      '/',
    ),
    agent_id,
    policy_id,
    violation_type,
    severity,
    sentence,
    details: details ?? {},
    execution_id,
    step,
  }));
