import type { executor } from '#contracts';
import { actionKeyText } from '#kernel';
import type { Action } from '../action/action.entity.js';
import { failureOf } from '../action/action.rules.js';
import type { ActionResult, FinishedStep } from '../driver/driver.js';
import type { Step } from './step.entity.js';

export const actionView = (action: Action): executor.ActionView => ({
  key: actionKeyText(action),
  tool: action.tool,
  arguments: action.arguments,
  ...(action.digest && { digest: action.digest }),
  status: action.status,
  predicted: action.predicted,
  decided: action.decided,
  done: action.done,
  verified: action.verified,
  undone: action.undone,
});

/** `file.delete {"path":"build"}` */
export const summaryOf = (action: { tool: string; arguments: object } | undefined): string | null => {
  if (!action) return null;
  const text = `${action.tool.replace(/@v\d+$/, '')} ${JSON.stringify(action.arguments)}`;
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
};

export const stepView = (step: Step, actions: Action[]): executor.StepView => ({
  step: step.step,
  timestamp: step.at.toISOString(),
  thought: step.thought,
  action: summaryOf(actions[0]),
  observation: step.observation,
  actions: actions.map(actionView),
});

const outcome = (action: Action): string => {
  const failure = failureOf(action);
  if (action.status === 'kept' && !failure) {
    return action.verified?.verdict === 'verified' ? 'verified' : 'kept by a person; not verified';
  }
  return `${action.status}${failure ? ` (${failure.code}: ${failure.message})` : ''}`;
};

/** What the control plane saw of a turn, in a line or two; never the agent's own words. */
export const observe = (actions: Action[]): string => {
  if (actions.length === 0) return 'Nothing was done.';
  if (actions.length === 1) return `${summaryOf(actions[0])}: ${outcome(actions[0]!)}`;
  const bad = actions.filter((action) => failureOf(action) !== null);
  const good = actions.length - bad.length;
  return [
    `${good} of ${actions.length} actions verified.`,
    ...bad.slice(0, 3).map((one) => `${summaryOf(one)}: ${outcome(one)}`),
  ].join(' ');
};

/** What of an action its driver's view is made of. */
export type ActionOutcome = Pick<
  Action,
  'step' | 'tool' | 'status' | 'failure' | 'verified' | 'sealed_arguments' | 'sealed_output'
>;

/** What the driver is told of a finished turn, with the real arguments and outputs. */
export const finishedStep = (
  step: { step: number; label: string },
  actions: ActionOutcome[],
  unseal: (sealed: Buffer) => unknown,
): FinishedStep => ({
  step: step.step,
  label: step.label,
  actions: actions.map((action): ActionResult => {
    const failure = failureOf(action);
    return {
      tool: action.tool,
      arguments: unseal(action.sealed_arguments) as Record<string, unknown>,
      ok: failure === null,
      ...(action.sealed_output && { output: unseal(action.sealed_output) }),
      ...(failure && { failure }),
    };
  }),
});
