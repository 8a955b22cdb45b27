import { openTestDatabase, type TestDatabase } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { governance } from '../definition.js';
import { PolicyEpochWorker } from './policy-epoch.worker.js';

describe('the epoch', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openTestDatabase(governance as never);
  });
  afterAll(() => test.close());

  it('grows when the content changes, old content that comes back included, and not otherwise', async () => {
    const epochs = new PolicyEpochWorker(test.database);
    const seen: number[] = [];
    for (const digest of ['a', 'a', 'b', 'b', 'a']) seen.push(await epochs.epochOf(digest));
    expect(seen).toEqual([1, 1, 2, 2, 3]);
  });

  it('is the same for replicas that start at once', async () => {
    const epochs = new PolicyEpochWorker(test.database);
    const seen = await Promise.all(Array.from({ length: 8 }, () => epochs.epochOf('new')));
    expect(new Set(seen).size).toBe(1);
  });
});
