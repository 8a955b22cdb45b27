import { describe, expect, it } from '@jest/globals';
import type { Execution } from '#client/browser';
import { isToJoin, withHead } from './head.rules.js';

const run = (more: object = {}): Execution =>
  ({
    status: 'running',
    phase: 'running',
    paused_reason: null,
    risk_score: 0.4,
    deception_probability: 0,
    last_seq: 10,
    ...more,
  }) as Execution;

describe('an execution under its frames', () => {
  it('is as it was read unless a frame is newer', () => {
    const read = run();
    expect(withHead(read, { seq: 10, status: 'paused' })).toBe(read);
  });

  it.each([
    ['paused', 'running'],
    ['verifying', 'running'],
    ['failed', 'completed'],
    ['rolled_back', 'completed'],
  ] as const)('%s is %s', (status, phase) => {
    expect(withHead(run(), { seq: 11, status, paused_reason: null })).toMatchObject({ status, phase });
  });

  it('that has ended since it was read is asked for nothing until it is read again', () => {
    const read = run({ can: ['pause', 'cancel'] });
    expect(withHead(read, { seq: 11, status: 'failed' }).can).toEqual([]);
    expect(withHead(read, { seq: 11, status: 'paused' }).can).toEqual(['pause', 'cancel']);
  });

  it('waits for what the newest status frame says', () => {
    const head = { seq: 12, status: 'paused', paused_reason: 'approval' } as const;
    expect(withHead(run(), head)).toMatchObject({ status: 'paused', paused_reason: 'approval' });
    const resumed = { seq: 13, status: 'running', paused_reason: null } as const;
    expect(withHead(run({ status: 'paused', paused_reason: 'approval' }), resumed).paused_reason).toBeNull();
  });

  it('has the highest risk seen so far', () => {
    const risk = { risk_score: 0.85, deception_probability: 0.2 };
    expect(withHead(run(), { seq: 11, risk })).toMatchObject({ ...risk, status: 'running' });
    expect(withHead(run({ risk_score: 0.9 }), { seq: 11, risk }).risk_score).toBe(0.9);
  });

  it.each([
    ['a run that goes on', run(), 10, true],
    ['one that has ended and was seen to the end', run({ phase: 'completed' }), 10, false],
    ['one that was rolled back after its end', run({ phase: 'completed', last_seq: 14 }), 10, true],
  ])('%s is to be joined: %#', (_, execution, seen, expected) => {
    expect(isToJoin(execution, seen)).toBe(expected);
  });
});
