import { describe, expect, it } from '@jest/globals';
import type { ExecutionStatus } from '#client';
import { exitCodeOf } from './exit.rules.js';

const CODES: Record<ExecutionStatus, number> = {
  succeeded: 0,
  denied: 1,
  unverifiable: 1,
  failed: 1,
  cancelled: 1,
  expired: 1,
  rolled_back: 2,
  partially_rolled_back: 3,
  rollback_failed: 3,
  awaiting_approval: 4,
  submitted: 0,
  queued: 0,
  running: 0,
  paused: 0,
  verifying: 0,
};

describe('the exit code of a run', () => {
  it.each(Object.entries(CODES) as [ExecutionStatus, number][])('that is %s is %i', (status, code) => {
    expect(exitCodeOf({ status })).toBe(code);
  });

  it('that is paused depends on what for', () => {
    expect(exitCodeOf({ status: 'paused', paused_reason: 'approval' })).toBe(4);
    expect(exitCodeOf({ status: 'paused', paused_reason: 'worker' })).toBe(0);
  });
});
