import { AppError, type LocatedProblem } from '#kernel';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
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

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The classes a message is made of, and below them the values as they came: class-transformer's own copy would drop
 * members such as `constructor`, and a digest would cover other data than the caller sent.
 */
const instantiate = <T extends object>(type: MessageClass<T>, plain: object, parent = ''): T => {
  const message = new type();
  for (const [field, value] of Object.entries(plain)) {
    const path = pointer(parent, field);
    if (field in Object.prototype) throw invalidInput([{ path, message: `unknown field "${field}"` }]);
    const nested = defaultMetadataStorage.findTypeMetadata(type, field)?.typeFunction();
    const make = (item: unknown, at: string): unknown =>
      nested && isObject(item) ? instantiate(nested, item, at) : item;
    const made = Array.isArray(value) ? value.map((item, i) => make(item, `${path}/${i}`)) : make(value, path);
    Reflect.set(message, field, made);
  }
  return message;
};

/**
 * Turns untrusted JSON into a message, or refuses it whole.
 * @throws AppError `input.invalid` with one located problem per broken rule; unknown fields are problems.
 */
export const parseMessage = <T extends object>(type: MessageClass<T>, plain: unknown): T => {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw invalidInput([{ path: '', message: 'must be a JSON object' }]);
  }
  const message = instantiate(type, plain);
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
