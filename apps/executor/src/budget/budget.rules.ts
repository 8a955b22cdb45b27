import type { executor } from '#contracts';

/** How often a run that waits for its budget looks by itself. */
export const AGAIN_MS = 60_000;
const DEFAULT_WALL_MS = 60_000;

/** The longest a call may take, as it says itself. */
export const wallOf = (args: object): number => {
  const { timeout_ms } = args as { timeout_ms?: unknown };
  return typeof timeout_ms === 'number' ? timeout_ms : DEFAULT_WALL_MS;
};

export const softLimit = (sentence: string): executor.FindingView => ({
  code: 'budget.soft_limit',
  severity: 'medium',
  sentence,
});

export const pausedForBudget = (message: string) => ({
  status: 'paused' as const,
  paused_reason: 'budget' as const,
  failure: { code: 'budget.exhausted', message },
});
