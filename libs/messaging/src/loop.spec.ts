import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Loop } from './loop.js';

let rounds: number;
let errors: unknown[];
let work: () => Promise<void>;
let loop: Loop;
beforeEach(() => {
  jest.useFakeTimers();
  [rounds, errors] = [0, []];
  work = async () => undefined;
  loop = new Loop(
    () => {
      rounds += 1;
      return work();
    },
    1_000,
    (error) => errors.push(error),
  );
});
afterEach(async () => {
  await loop.stop();
  jest.useRealTimers();
});
const after = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('a loop', () => {
  it('works at once, then every time it was idle for so long', async () => {
    loop.start();
    await after(0);
    expect(rounds).toBe(1);
    await after(999);
    expect(rounds).toBe(1);
    await after(1);
    expect(rounds).toBe(2);
  });

  it('works at once when woken, and once however often', async () => {
    loop.start();
    await after(10);
    for (let i = 0; i < 5; i++) loop.wake();
    await after(0);
    expect(rounds).toBe(2);
  });

  it('woken while it works, works again after that, and never twice at a time', async () => {
    let end = (): void => undefined;
    work = () => new Promise((resolve) => (end = resolve));
    loop.start();
    await after(0);
    loop.wake();
    await after(5_000);
    expect(rounds).toBe(1);
    end();
    await after(0);
    expect(rounds).toBe(2);
    end();
  });

  it('that failed rests, whoever wakes it, and goes on', async () => {
    work = async () => {
      throw new Error('down');
    };
    loop.start();
    await after(0);
    for (let i = 0; i < 9; i++) {
      loop.wake();
      await after(100);
    }
    expect([rounds, errors.length]).toEqual([1, 1]);
    work = async () => undefined;
    await after(100);
    expect(rounds).toBe(2);
  });

  it('that is stopped ends its round, and works no more', async () => {
    loop.start();
    await after(0);
    await loop.stop();
    loop.wake();
    await after(5_000);
    expect(rounds).toBe(1);
  });
});
