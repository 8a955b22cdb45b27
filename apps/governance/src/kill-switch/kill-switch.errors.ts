import { AppError } from '#kernel';

export const killSwitchNotFound = (): AppError =>
  new AppError('kill_switch.not_found', 'There is no such kill switch.');

export const scopeRefused = (message: string, path: string): AppError =>
  new AppError('kill_switch.scope_refused', message, { details: { errors: [{ path, message }] } });

export const scopeIncomplete = (path: string, message: string): AppError =>
  new AppError('kill_switch.scope_incomplete', message, { details: { errors: [{ path, message }] } });

export const tooManySwitches = (most: number): AppError =>
  new AppError('kill_switch.too_many', `A team has at most ${most} kill switches that are not released.`);

export const stateUnknown = (cause?: unknown): AppError =>
  new AppError('kill_switch.unknown', 'Whether a kill switch is engaged cannot be told now, so nothing is let in.', {
    retryable: true,
    cause,
  });
