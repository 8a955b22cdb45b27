import { describe, expect, it } from '@jest/globals';
import { afterCommit, assertOutsideTransaction, runInTransaction } from './index.js';

const transaction = <T>(work: () => Promise<T>): Promise<T> => runInTransaction((inside) => inside(work));
const ask = (): void => assertOutsideTransaction('a call');

describe('inside a transaction', () => {
  it('I/O is refused, after awaits and timers too', async () => {
    await transaction(async () => {
      expect(ask).toThrow('a call inside a database transaction');
      await new Promise(setImmediate);
      expect(ask).toThrow('a call inside a database transaction');
    });
  });

  it('a second one is refused', async () => {
    const nested = transaction(() => transaction(async () => undefined));
    await expect(nested).rejects.toMatchObject({ code: 'transaction.io_inside' });
  });

  it('neighbours outside go on', async () => {
    let release = (): void => undefined;
    const open = transaction(() => new Promise<void>((resolve) => (release = resolve)));
    expect(ask).not.toThrow();
    release();
    await open;
  });
});

describe('after a transaction', () => {
  it('callbacks run once it has committed, outside of it', async () => {
    const order: string[] = [];
    await runInTransaction(async (inside) => {
      await inside(async () => afterCommit(() => (ask(), order.push('callback'))));
      order.push('commit');
    });
    expect(order).toEqual(['commit', 'callback']);
  });

  it('that failed, no callback runs', async () => {
    let ran = false;
    const failed = transaction(async () => {
      afterCommit(() => (ran = true));
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(ran).toBe(false);
  });

  it.each(['ends', 'fails'])('that %s, what it left running may do I/O', async (how) => {
    let left: Promise<void> = Promise.resolve();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const done = transaction(async () => {
      left = held.then(ask);
      if (how === 'fails') throw new Error('no');
    });
    await done.catch(() => undefined);
    release();
    await expect(left).resolves.toBeUndefined();
    expect(() => afterCommit(() => undefined)).toThrow('outside');
  });
});
