import { childOf, inSpan, traceIdOf } from '#telemetry';
import { callContext, openTestSchemas, type TestSchemas } from '#testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { register } from 'prom-client';
import { Database } from './database.js';
import { SLOW_MS, type SlowStatement } from './statement.js';

let schemas: TestSchemas;
let database: Database;
let slow: SlowStatement[];

beforeAll(async () => {
  schemas = await openTestSchemas([{ name: 'prediction', migrations: [] }]);
  database = await Database.open({
    service: 'prediction',
    url: schemas.urlOf('prediction'),
    entities: [],
    onSlow: (one) => slow.push(one),
  });
});
beforeEach(() => {
  slow = [];
});
afterAll(async () => {
  await database?.close();
  await schemas?.drop();
});

const SLOW_S = 0.15;
const metric = async (line: RegExp): Promise<number> => Number(line.exec(await register.metrics())?.[1] ?? 0);
const slowCount = (): Promise<number> =>
  metric(/^spectrace_database_slow_statements_total\{service="prediction"\} (\d+)/m);

it('a slow statement is told once, with its text, its trace and without its parameters', async () => {
  const before = await slowCount();
  const trace = childOf(undefined);
  await database.inTeam(callContext({ trace }), (tx) =>
    inSpan({ service: 'prediction', name: 'of a test', parent: trace }, () =>
      tx.query('SELECT pg_sleep($1), $2::text', [SLOW_S, 'a secret of ours']),
    ),
  );
  expect(slow).toEqual([
    {
      service: 'prediction',
      duration_ms: expect.any(Number),
      statement: 'SELECT pg_sleep($1), $2::text',
      trace_id: traceIdOf(trace),
    },
  ]);
  expect(slow[0]!.duration_ms).toBeGreaterThanOrEqual(SLOW_MS);
  expect(await slowCount()).toBe(before + 1);
});

it('one that fails is told as well, and the failure comes through', async () => {
  const query = database.inTeam(callContext(), (tx) =>
    tx.query(`DO $$ BEGIN PERFORM pg_sleep(${SLOW_S}); RAISE 'no'; END $$`),
  );
  await expect(query).rejects.toThrow('no');
  expect(slow).toHaveLength(1);
});

it('quick ones are timed and not told', async () => {
  await database.inTeam(callContext(), (tx) => tx.query('SELECT 1'));
  expect(slow).toEqual([]);
  const line = /^spectrace_database_statement_duration_seconds_count\{service="prediction",operation="SELECT"\} (\d+)/m;
  expect(await metric(line)).toBeGreaterThan(0);
});

it('the pool says who uses it and who waits', async () => {
  const count = (state: string) =>
    metric(new RegExp(`^spectrace_database_pool_connections\\{service="prediction",state="${state}"\\} (\\d+)`, 'm'));
  await database.inTeam(callContext(), async () => expect(await count('used')).toBe(1));
  expect(await count('used')).toBe(0);
  expect(await count('waiting')).toBe(0);
});
