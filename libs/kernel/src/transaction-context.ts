import { AsyncLocalStorage } from 'node:async_hooks';
import { AppError } from './app-error.js';

/** The database transaction that the running code is in. Here, so that whatever does I/O can ask without a database. */
interface OpenTransaction {
  afterCommit: (() => void)[];
  /** Work left behind by a transaction, and what it created, carries its context on. */
  ended: boolean;
}

const current = new AsyncLocalStorage<OpenTransaction>();

/** `transact` opens a transaction and calls `inside` with its work; callbacks left there run once it has committed. */
export const runInTransaction = async <T>(
  transact: (inside: (work: () => Promise<T>) => Promise<T>) => Promise<T>,
): Promise<T> => {
  assertOutsideTransaction('a second transaction');
  const transaction: OpenTransaction = { afterCommit: [], ended: false };
  try {
    const result = await transact((work) => current.run(transaction, work));
    transaction.ended = true;
    for (const callback of transaction.afterCommit) callback();
    return result;
  } finally {
    transaction.ended = true;
  }
};

/** Must be called inside a transaction; the callback never runs when it rolls back. It may not throw. */
export const afterCommit = (callback: () => void): void => {
  const transaction = current.getStore();
  if (!transaction || transaction.ended) throw new Error('afterCommit outside a transaction');
  transaction.afterCommit.push(callback);
};

/**
 * Refuses work that would hold a database connection while somebody else answers.
 * @throws AppError `transaction.io_inside`
 */
export const assertOutsideTransaction = (what: string): void => {
  const transaction = current.getStore();
  if (transaction && !transaction.ended) {
    throw new AppError('transaction.io_inside', `${what} inside a database transaction`);
  }
};
