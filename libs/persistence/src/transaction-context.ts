import { AppError } from '#kernel';
import { AsyncLocalStorage } from 'node:async_hooks';

interface OpenTransaction {
  afterCommit: (() => void)[];
}

const open = new AsyncLocalStorage<OpenTransaction>();

/** `transact` opens a transaction and calls `inside` with its work; callbacks left there run once it has committed. */
export const runInTransaction = async <T>(
  transact: (inside: (work: () => Promise<T>) => Promise<T>) => Promise<T>,
): Promise<T> => {
  assertOutsideTransaction('a second transaction');
  const transaction: OpenTransaction = { afterCommit: [] };
  const result = await transact((work) => open.run(transaction, work));
  for (const callback of transaction.afterCommit) callback();
  return result;
};

/** Must be called inside a transaction; the callback never runs when it rolls back. It may not throw. */
export const afterCommit = (callback: () => void): void => {
  const transaction = open.getStore();
  if (!transaction) throw new Error('afterCommit outside a transaction');
  transaction.afterCommit.push(callback);
};

/**
 * Refuses work that would hold a database connection while somebody else answers.
 * @throws AppError `transaction.io_inside`
 */
export const assertOutsideTransaction = (what: string): void => {
  if (open.getStore()) throw new AppError('transaction.io_inside', `${what} inside a database transaction`);
};
