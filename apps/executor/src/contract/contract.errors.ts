import { AppError } from '#kernel';

export const contractExpectsEverything = (pattern: string): AppError =>
  new AppError(
    'contract.expects_everything',
    `The expectation "${pattern}" allows every change; a contract must name what it expects.`,
  );

export const contractPatternInvalid = (pattern: string, problem: string): AppError =>
  new AppError('contract.pattern_invalid', `The pattern ${JSON.stringify(pattern.slice(0, 100))} ${problem}.`);

export const contractContradictory = (path: string): AppError =>
  new AppError('contract.contradictory', `"${path}" is both required and forbidden.`);
