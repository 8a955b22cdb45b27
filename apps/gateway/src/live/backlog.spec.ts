import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Backlog, FULL_BYTES } from './backlog.js';

describe('a backlog', () => {
  let waiting: number;
  let heard: string[];
  let backlog: Backlog;

  beforeEach(() => {
    jest.useFakeTimers();
    waiting = 0;
    heard = [];
    backlog = new Backlog(() => waiting, 60_000, {
      drained: () => heard.push('drained'),
      stuck: () => heard.push('stuck'),
    });
  });
  afterEach(() => {
    backlog.stop();
    jest.useRealTimers();
  });

  const holds = (bytes: number): boolean => {
    waiting = bytes;
    return backlog.hasRoom();
  };
  const leaves = (bytes: number): void => {
    waiting = bytes;
    backlog.flushed();
  };

  it('has room up to 1 MiB, and once full only again at a quarter of it', () => {
    expect(holds(FULL_BYTES)).toBe(true);
    expect(holds(FULL_BYTES + 1)).toBe(false);
    expect(holds(300_000)).toBe(false);
    leaves(262_145);
    expect([backlog.isFull, heard]).toEqual([true, []]);
    leaves(262_144);
    expect([backlog.isFull, heard]).toEqual([false, ['drained']]);
  });

  it('that never was full has nothing to tell', () => {
    holds(FULL_BYTES);
    leaves(0);
    expect(heard).toEqual([]);
  });

  it('is stuck after a minute without room, counted from when it became full', () => {
    holds(FULL_BYTES + 1);
    jest.advanceTimersByTime(59_000);
    holds(FULL_BYTES + 2);
    leaves(FULL_BYTES);
    expect(heard).toEqual([]);
    jest.advanceTimersByTime(1_000);
    expect(heard).toEqual(['stuck']);
  });

  it('that drained in time starts its minute anew', () => {
    holds(FULL_BYTES + 1);
    jest.advanceTimersByTime(59_000);
    leaves(0);
    holds(FULL_BYTES + 1);
    jest.advanceTimersByTime(59_000);
    expect(heard).toEqual(['drained']);
  });

  it('of a reader who has gone tells nothing', () => {
    holds(FULL_BYTES + 1);
    backlog.stop();
    jest.advanceTimersByTime(120_000);
    expect(heard).toEqual([]);
  });
});
