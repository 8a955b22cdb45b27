import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import pg from 'pg';
import { createDatabase, migrate } from './migrate.js';

/** Roles belong to the whole server: no other test has this service. */
const schema = { service: `migrate-${uuidv7()}`, password: 'of-a-test', migrations: [] };
const role = schema.service.replaceAll('-', '_');
let admin: pg.Client;
let url: string;
beforeAll(async () => {
  admin = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
  await admin.connect();
  url = await createDatabase(process.env.TEST_ADMIN_URL!, role);
});
afterAll(async () => {
  await admin.query(`DROP DATABASE "${role}" WITH (FORCE)`);
  for (const name of [role, `${role}_all`, `${role}_owner`]) await admin.query(`DROP ROLE IF EXISTS "${name}"`);
  await admin.end();
});

it('processes that bring an empty database to this version at once do not get in the way of each other', async () => {
  const results = await Promise.allSettled(Array.from({ length: 6 }, () => migrate(url, [schema])));
  expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(`SELECT name FROM "${role}".migration ORDER BY id`);
  await client.end();
  expect(rows).toEqual([{ name: 'ServiceTables1763600000000' }, { name: 'OrderedFacts1763600000100' }]);
});
