import { AppError } from '#kernel';

export const bypassNotFound = (): AppError => new AppError('bypass.not_found', 'There is no such bypass.');

export const bypassRoleMissing = (): AppError =>
  new AppError('bypass.role_missing', 'Only a person with the role approver or admin gives or revokes a bypass.');
