import type { CallContext, executor as contract } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Bus } from '#messaging';
import type { Database } from '#persistence';
import { openTestDatabase, type TestDatabase } from '#testing';
import pg from 'pg';
import { executor } from '../src/definition.js';
import { Execution } from '../src/execution/execution.entity.js';
import { Journal } from '../src/journal/journal.js';

/** The executor's tables, a journal on them, and every frame it showed. */
export interface Rows extends TestDatabase {
  journal: Journal;
  shown: contract.Frame[];
  /** As an administrator, whom row-level security does not bind. */
  asAdmin<T>(sql: string, values?: unknown[]): Promise<T[]>;
}

export const openRows = async (): Promise<Rows> => {
  const test = await openTestDatabase(executor as never);
  const admin = new pg.Client({ connectionString: test.adminUrl });
  await admin.connect();
  const shown: contract.Frame[] = [];
  const bus = { show: (_view: object, _tokens: string[], frame: contract.Frame) => shown.push(frame) };
  return {
    ...test,
    journal: new Journal(bus as unknown as Bus),
    shown,
    asAdmin: async (sql, values) => (await admin.query(sql, values)).rows,
    close: async () => {
      await admin.end();
      await test.close();
    },
  };
};

/** An execution as the submission leaves it, without the journal row. */
export const insertExecution = async (
  database: Database,
  ctx: CallContext,
  given: Partial<Execution> = {},
): Promise<string> => {
  const id = uuidv7();
  await database.inTeam(ctx, (tx) =>
    tx.insert(Execution, {
      id,
      team_id: ctx.team,
      status: 'submitted',
      agent_id: 'of a test',
      agent_type: 'playbook',
      task_description: 'x',
      max_steps: 10,
      principal: ctx.principal,
      on_behalf_of: ctx.on_behalf_of,
      ...given,
    } as never),
  );
  return id;
};
