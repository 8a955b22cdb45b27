import type { executor } from '#contracts';
import { describe, expect, it } from '@jest/globals';
import { countsAs, type CountsAs } from './outcome.rules.js';

describe('what an ended run says about its agent', () => {
  it.each<[executor.ExecutionStatus, string | null, CountsAs]>([
    ['succeeded', null, 'succeeded'],
    ['failed', 'tool.failed', 'failed'],
    ['failed', 'contract.deviated', 'deviated'],
    ['rolled_back', 'tool.failed', 'failed'],
    ['rolled_back', 'contract.deviated', 'deviated'],
    ['rolled_back', 'execution.rolled_back', 'nothing'],
    ['partially_rolled_back', 'tool.failed', 'deviated'],
    ['rollback_failed', null, 'deviated'],
    ['unverifiable', 'contract.unverifiable', 'failed'],
    ['denied', 'execution.denied', 'nothing'],
    ['cancelled', 'execution.cancelled', 'nothing'],
    ['expired', 'approval.expired', 'nothing'],
  ])('%s with %s: %s', (status, code, counted) => expect(countsAs(status, code)).toBe(counted));

  it('a run that has not ended says nothing', () => {
    const open = ['submitted', 'awaiting_approval', 'queued', 'running', 'paused', 'verifying'] as const;
    expect(open.map((status) => countsAs(status, 'contract.deviated'))).toEqual(open.map(() => 'nothing'));
  });
});
