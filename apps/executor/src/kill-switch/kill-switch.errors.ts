import { type executor, governance } from '#contracts';
import { AppError } from '#kernel';
import { visible } from '../action/visible.rules.js';

export const stateUnknown = (cause: unknown): AppError =>
  new AppError('kill_switch.unknown', 'Whether a kill switch is engaged cannot be told now, so nothing begins.', {
    retryable: true,
    cause,
  });

/** The failure of a run that a kill switch ended. */
export const stoppedBy = (order: governance.KillOrder): executor.FailureView => ({
  code: 'execution.stopped',
  message: governance.stopText({ ...order, reason: visible(order.reason) }),
});

/** The failure of an action that a kill switch kept from beginning. */
export const killed = (order: governance.KillOrder): executor.FailureView => ({
  code: 'kill_switch.engaged',
  message: governance.refusalText(order),
});
