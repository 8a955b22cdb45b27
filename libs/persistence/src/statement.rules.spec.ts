import { expect, it } from '@jest/globals';
import { summaryOf } from './statement.rules.js';

it.each([
  ['SELECT 1', 'SELECT', null],
  ['COMMIT', 'COMMIT', null],
  ['  select * from "executor"."execution" where id = $1', 'SELECT', 'execution'],
  ['INSERT INTO fact (id) SELECT $1', 'INSERT', 'fact'],
  [`INSERT INTO "execution"("id") VALUES ($1)`, 'INSERT', 'execution'],
  ['UPDATE work SET state = $1', 'UPDATE', 'work'],
  ['DELETE FROM ONLY inbox WHERE at < $1', 'DELETE', 'inbox'],
  ['-- why\nWITH free AS (SELECT id FROM work) UPDATE work SET a = 1', 'WITH', 'work'],
  ['SELECT * FROM unnest($1::uuid[]) AS run(id)', 'SELECT', null],
  ['SELECT extract(epoch FROM clock_timestamp() - at) FROM fact', 'SELECT', 'fact'],
  ['', 'OTHER', null],
])('%j is %s of %p', (text, operation, table) => {
  expect(summaryOf(text)).toEqual({ operation, table, summary: table ? `${operation} ${table}` : operation });
});
