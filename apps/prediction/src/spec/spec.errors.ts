import { AppError, type LocatedProblem } from '#kernel';

/** A spec that cannot be used; every problem names the file, the place in it (JSON Pointer), line and column. */
export const specInvalid = (errors: LocatedProblem[]): AppError =>
  new AppError(
    'spec.invalid',
    `${errors.length} problem(s) in specs; first: ${errors[0]?.path} ${errors[0]?.message}`,
    { details: { errors } },
  );
