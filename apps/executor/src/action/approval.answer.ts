import { governance } from '#contracts';
import type { Bus } from '#messaging';
import type { Run } from '../execution/run.js';

/**
 * Whether people, or its deadline, have answered an approval; asking uses nothing of it up.
 * @throws AppError retryable when governance does not answer
 */
export const isAnswered = async (bus: Bus, run: Run, approvalId: string): Promise<boolean> => {
  const { status } = await bus.call(run.ctx, governance.approval.get, { id: approvalId });
  return status !== 'pending';
};
