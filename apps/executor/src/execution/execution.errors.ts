import { invalidInput } from '#contracts';
import { AppError, isAppError } from '#kernel';

export const executionNotFound = (): AppError => new AppError('execution.not_found', 'There is no such execution.');

export const alreadyEnded = (): AppError => new AppError('execution.ended', 'The execution has ended.');

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
