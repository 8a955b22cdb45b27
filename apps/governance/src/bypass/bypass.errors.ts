import { AppError } from '#kernel';

export const bypassNotFound = (): AppError => new AppError('bypass.not_found', 'There is no such bypass.');

export const bypassNothingAsked = (): AppError =>
  new AppError(
    'bypass.nothing_asked',
    'No action of this agent with this tool was ever asked about, so there is nothing to stop asking for.',
  );

export const bypassRoleMissing = (): AppError =>
  new AppError('bypass.role_missing', 'Only a person with the role approver or admin gives or revokes a bypass.');
