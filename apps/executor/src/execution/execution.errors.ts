import { invalidInput } from '#contracts';
import { AppError, isAppError } from '#kernel';
import type { Refusal } from './execution.rules.js';

export const executionNotFound = (): AppError => new AppError('execution.not_found', 'There is no such execution.');

/** Why a request of people about an execution makes no sense now. */
const REFUSALS: Record<Refusal, () => AppError> = {
  ended: () => new AppError('execution.ended', 'The execution has ended.'),
  ending: () => new AppError('execution.ending', 'The execution is coming to its end; nothing else can be asked now.'),
  not_paused: () => new AppError('execution.not_paused', 'The execution is not paused.'),
  waits_for_approval: () =>
    new AppError('execution.waits_for_approval', 'The execution waits for an approval; it goes on once that is given.'),
  nothing_to_undo: () =>
    new AppError('execution.nothing_to_undo', 'No effect of this execution is left that could be undone.'),
};

export const requestRefused = (why: Refusal): AppError => REFUSALS[why]();

export const beyondYourBudget = (): AppError =>
  new AppError(
    'budget.beyond_yours',
    'The execution waits for its budget: only an admin lets it go on beyond the limit. It goes on once the limit is raised.',
  );

export const unknownAgentType = (agentType: string, choices: string[]): AppError =>
  new AppError('execution.agent_type_unknown', `"${agentType}" is no agent type; there are ${choices.join(', ')}.`, {
    details: { errors: [{ path: '/agent_type', message: `must be one of ${choices.join(', ')}` }] },
  });

export const cursorInvalid = (): AppError =>
  invalidInput([{ path: '/cursor', message: 'must be the next_cursor of the page before' }]);

export const missing = (path: string, message: string): AppError =>
  new AppError('execution.incomplete', message, { details: { errors: [{ path, message }] } });

export const notYourself = (): AppError =>
  new AppError('execution.on_behalf_of_refused', 'Acting on behalf of somebody else needs the role admin.', {
    details: { errors: [{ path: '/on_behalf_of', message: 'needs the role admin' }] },
  });

/** Tells a refusal on, by where in the submitted task it lies. */
export const locatedAt =
  (path: string) =>
  (error: unknown): never => {
    if (!isAppError(error)) throw error;
    const { code, message, details, retryable } = error;
    const errors = details?.errors?.map((one) => ({ ...one, path: path + one.path })) ?? [{ path, message }];
    throw new AppError(code, message, { details: { ...details, errors }, retryable, cause: error });
  };
