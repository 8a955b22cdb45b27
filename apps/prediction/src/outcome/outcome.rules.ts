import type { executor } from '#contracts';

export type CountsAs = 'succeeded' | 'failed' | 'deviated' | 'nothing';

const BY_STATUS: Record<executor.ExecutionStatus, CountsAs> = {
  submitted: 'nothing',
  awaiting_approval: 'nothing',
  queued: 'nothing',
  running: 'nothing',
  paused: 'nothing',
  verifying: 'nothing',
  denied: 'nothing',
  cancelled: 'nothing',
  expired: 'nothing',
  succeeded: 'succeeded',
  failed: 'failed',
  rolled_back: 'failed',
  unverifiable: 'failed',
  partially_rolled_back: 'deviated',
  rollback_failed: 'deviated',
};

/** The code of a run that people asked to be rolled back. */
const ASKED_FOR = 'execution.rolled_back';

/**
 * What an ended run says about its agent. Nothing when it never ran or a person stopped it; a deviation when it left a
 * contract or something of it could not be taken back; what nobody could verify is not a success.
 */
export const countsAs = (status: executor.ExecutionStatus, failureCode: string | null): CountsAs => {
  if (failureCode === ASKED_FOR) return 'nothing';
  const counted = BY_STATUS[status];
  return counted === 'failed' && failureCode === 'contract.deviated' ? 'deviated' : counted;
};
