import { AppError, type LocatedProblem } from '#kernel';

/** A spec that cannot be used; every problem names the file, the place in it (JSON Pointer), line and column. */
export const specInvalid = (errors: LocatedProblem[]): AppError =>
  new AppError(
    'spec.invalid',
    `${errors.length} problem(s) in specs; first: ${errors[0]?.path} ${errors[0]?.message}`,
    { details: { errors } },
  );

export const specsUnreadable = (path: string, cause: unknown): AppError =>
  new AppError('spec.unreadable', `SPECS_DIR: ${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
    cause,
  });

export const specsMissing = (path: string): AppError =>
  new AppError('spec.missing', `SPECS_DIR: ${path} holds no spec (*.yaml).`);
