import { AppError } from '#kernel';

/** The caller sent a state that no analysis of this version has returned. */
export const stateInvalid = (message: string): AppError =>
  new AppError('analysis.state_invalid', 'The analyser state is not one this version returned.', {
    details: { errors: [{ path: '/state', message }] },
  });
