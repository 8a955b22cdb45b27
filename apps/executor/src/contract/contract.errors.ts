import { AppError } from '#kernel';

export const contractExpectsEverything = (pattern: string): AppError =>
  new AppError(
    'contract.expects_everything',
    `The expectation "${pattern}" allows every change; a contract must name what it expects.`,
  );

export const contractContradictory = (pattern: string): AppError =>
  new AppError('contract.contradictory', `"${pattern}" is both required and forbidden.`);

export const contractEdited = (): AppError =>
  new AppError('contract.edited', 'The contract no longer belongs to the arguments it was made for.');
