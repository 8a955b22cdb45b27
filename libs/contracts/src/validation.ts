import { AppError, type LocatedProblem } from '#kernel';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import type { MessageClass } from './message.js';

const pointer = (parent: string, property: string): string =>
  `${parent}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;

const problemsOf = (errors: ValidationError[], parent: string): LocatedProblem[] =>
  errors.flatMap((error) => {
    const path = pointer(parent, error.property);
    const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
      path,
      message: rule === 'whitelistValidation' ? `unknown field "${error.property}"` : message,
    }));
    return [...own, ...problemsOf(error.children ?? [], path)];
  });

/**
 * Turns untrusted JSON into a message, or refuses it whole.
 * @throws AppError `input.invalid` with one located problem per broken rule; unknown fields are problems.
 */
export const parseMessage = <T extends object>(type: MessageClass<T>, plain: unknown): T => {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw invalidInput([{ path: '', message: 'must be a JSON object' }]);
  }
  const message = plainToInstance(type, plain, { exposeUnsetFields: false });
  const problems = problemsOf(
    validateSync(message, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false }),
    '',
  );
  if (problems.length > 0) throw invalidInput(problems);
  return message;
};

export const invalidInput = (errors: LocatedProblem[]): AppError =>
  new AppError('input.invalid', `The input has ${errors.length === 1 ? 'a problem' : `${errors.length} problems`}.`, {
    details: { errors },
  });
