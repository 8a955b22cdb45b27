import { AppError } from '#kernel';

export const targetInvalid = (message: string): AppError =>
  new AppError('budget.target_invalid', message, { details: { errors: [{ path: '/target', message }] } });

export const limitsInvalid = (): AppError =>
  new AppError('budget.limits_invalid', 'The soft limit lies above the hard one.', {
    details: { errors: [{ path: '/soft', message: 'must not be more than hard' }] },
  });
