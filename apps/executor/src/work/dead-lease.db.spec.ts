import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import type { Platform } from '#service';
import { callContext } from '#testing';
import { openRows, type Rows } from '../../test/rows.js';
import { DeadLeaseWorker } from './dead-lease.worker.js';
import { TableWorkSource } from './work-source.worker.js';
import { WorkRepository, WorkSignal } from './work.repository.js';

let rows: Rows;
let source: TableWorkSource;
beforeAll(async () => {
  rows = await openRows();
  source = new TableWorkSource(rows.database, { EXECUTOR_LEASE_SECONDS: 15 });
  const ctx = callContext();
  await rows.database.inTeam(ctx, (tx) => new WorkRepository(new WorkSignal()).create(tx, ctx.team, uuidv7()));
});
afterAll(() => rows.close());
beforeEach(() => rows.asAdmin(`UPDATE executor.work SET state = 'ready', lease_until = NULL`));

const start = (alone: boolean | undefined) => new DeadLeaseWorker(rows.database, { alone } as Platform).onModuleInit();

it.each([
  ['where others may run', undefined, 0],
  ['with a database of others', false, 0],
  ['where it is the only one there can be', true, 1],
])('an executor that starts %s takes over %s: %i leases', async (_, alone, taken) => {
  expect(await source.claim(1)).toHaveLength(1);
  await start(alone);
  expect(await source.claim(1)).toHaveLength(taken);
});
