import type { Execution } from '#client';

/** What the process says with its exit code; published interface. */
export const EXIT = {
  ok: 0,
  /** The run failed, or the command was refused. */
  failed: 1,
  rolledBack: 2,
  /** The rollback failed, or left something done. */
  rollbackFailed: 3,
  waitingForApproval: 4,
  /** What was given cannot be right; nothing was started. */
  invalid: 5,
} as const;

/** As people call this program from a checkout. */
export const COMMAND = 'npm run -s spectrace --';

export const isWaiting = (run: Pick<Execution, 'status' | 'paused_reason'>): boolean =>
  run.status === 'awaiting_approval' || (run.status === 'paused' && run.paused_reason === 'approval');

export const exitCodeOf = (run: Pick<Execution, 'status' | 'paused_reason'>): number => {
  switch (run.status) {
    case 'succeeded':
      return EXIT.ok;
    case 'rolled_back':
      return EXIT.rolledBack;
    case 'partially_rolled_back':
    case 'rollback_failed':
      return EXIT.rollbackFailed;
    case 'denied':
    case 'unverifiable':
    case 'failed':
    case 'cancelled':
    case 'expired':
      return EXIT.failed;
    case 'submitted':
    case 'awaiting_approval':
    case 'queued':
    case 'running':
    case 'paused':
    case 'verifying':
      return isWaiting(run) ? EXIT.waitingForApproval : EXIT.ok;
  }
};
