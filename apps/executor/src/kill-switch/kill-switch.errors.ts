import { type executor, governance } from '#contracts';
import { AppError } from '#kernel';

export const stateUnknown = (cause: unknown): AppError =>
  new AppError('kill_switch.unknown', 'Whether a kill switch is engaged cannot be told now, so nothing begins.', {
    retryable: true,
    cause,
  });

/** The failure of an action that a kill switch kept from beginning. */
export const killed = (order: governance.KillOrder): executor.FailureView => ({
  code: 'kill_switch.engaged',
  message: governance.refusalText(order),
});
