import { AppError } from '#kernel';
import type { Place } from './policy.types.js';

export interface BundleProblem extends Partial<Place> {
  message: string;
}

const located = ({ file, line, message }: BundleProblem): string =>
  file ? `${file}:${line ?? 1}: ${message}` : message;

/** A bundle that may not decide anything. `details.errors[].path` is `<file>:<line>`. */
export const bundleInvalid = (problems: BundleProblem[], cause?: unknown): AppError =>
  new AppError('policy.bundle_invalid', `policy bundle refused: ${problems.map(located).join('; ')}`, {
    details: {
      errors: problems.map(({ file, line, message }) => ({ path: file ? `${file}:${line ?? 1}` : '', message })),
    },
    cause,
  });
