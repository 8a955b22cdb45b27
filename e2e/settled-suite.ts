import { uuidv7 } from '#kernel';
import { until } from '#testing';
import { join } from 'node:path';
import type { Caller } from './caller.js';
import { SuiteProcess } from './suite-process.js';
import { makeWorkspace, treeOf } from './workspace.js';

const SERVICES = ['gateway', 'executor', 'prediction', 'governance'];
/** Moves by itself: a lease that is renewed, processes that say they are alive, and when a session was used. */
const RESTLESS = new Set(['executor_replica', 'policy_replica', 'relay']);
const RESTLESS_COLUMN = 'last_used_at';

const LOOK = `
apiVersion: playbook/v1
name: look
inputs:
  folder: { type: string, default: . }
steps:
  - id: look
    uses: file.list@v1
    with: { path: '\${{ inputs.folder }}' }
`;
const ASK = `
apiVersion: playbook/v1
name: ask
steps:
  - id: drop
    uses: file.delete@v1
    with: { path: data/customers.db }
`;

/** The policies in force, written by the admin. */
const draftOf = async (admin: Caller): Promise<string> => {
  const { files } = (await admin.get('/api/governance/policies')).body;
  return (await admin.post('/api/governance/policies', { files })).body.id;
};

export interface Route {
  method: string;
  /** As OpenAPI spells it: `/api/executions/{execution_id}`. */
  path: string;
}

/** A suite in which nothing happens by itself, with something of everything in it that an attacker may be after. */
export class SettledSuite {
  private constructor(
    readonly suite: SuiteProcess,
    /** A member who may submit and approve, and somebody who is admin in another team only. */
    readonly people: { member: Caller; stranger: Caller },
    /** A workspace, and what the ids of paths stand for: a run that waits, its approval, policies, the team and its member. */
    readonly folder: string,
    readonly ids: Readonly<Record<string, string>>,
    readonly routes: readonly Route[],
  ) {}

  static async open(): Promise<SettledSuite> {
    const suite = await SuiteProcess.open({ RATE_LIMIT_NEW_KEYS: '1000', TRUST_PROXY: '127.0.0.1' });
    const { admin, team } = suite;
    const member = await suite.person('member@example.org', 'admin');
    const other = (await admin.post('/api/teams', { name: 'other' })).body.id;
    const stranger = await suite.person('stranger@example.org', 'admin', other);
    for (const source of [LOOK, ASK]) await admin.register(source);
    const folder = makeWorkspace(join(suite.workspaces, 'project'), { 'data/customers.db': 'a\n', 'README.md': 'b\n' });
    const execution_id = await admin.submit('ask', folder);
    await admin.paused(execution_id);
    const { sub: user_id, sid: session_id } = JSON.parse(
      Buffer.from(member.token.split('.')[1]!, 'base64url').toString(),
    );
    const ids = {
      execution_id,
      id: await admin.pendingApproval(execution_id),
      policy_id: await draftOf(admin),
      team_id: team,
      user_id,
      session_id,
      name: 'look',
    };
    const { body: openapi } = await admin.get('/api/openapi.json');
    const routes = Object.entries(openapi.paths as Record<string, object>).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => ({ method: method.toUpperCase(), path })),
    );
    const settled = new SettledSuite(suite, { member, stranger }, folder, ids, routes);
    await settled.rest();
    return settled;
  }

  /** The route's path with these ids in it; a name or id that is not given stands for what is there. */
  pathOf({ path }: Route, ids: Readonly<Record<string, string>> = this.ids): string {
    return path.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? uuidv7()));
  }

  /** Every row of every service and every file of every workspace, as digests. */
  async world(): Promise<Record<string, unknown>> {
    const tables = await this.suite.sql<{ name: string; table: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name, table_name AS table FROM information_schema.tables
       WHERE table_schema = ANY($1) AND table_type = 'BASE TABLE' ORDER BY 1`,
      [SERVICES],
    );
    const watched = tables.filter(({ table }) => !RESTLESS.has(table));
    const each = watched.map(
      ({ name }) =>
        `SELECT '${name}' AS name, count(*)::integer AS rows, md5(coalesce(string_agg(row::text, E'\\n' ORDER BY row::text), '')) AS digest FROM (SELECT to_jsonb(t) - '${RESTLESS_COLUMN}' AS row FROM ${name} AS t) AS rows`,
    );
    const rows = await this.suite.sql<{ name: string; rows: number; digest: string }>(each.join(' UNION ALL '));
    return {
      files: treeOf(this.suite.workspaces),
      ...Object.fromEntries(rows.map(({ name, rows: count, digest }) => [name, `${count} rows ${digest}`])),
    };
  }

  /** Does something and proves that nothing came of it. */
  async changingNothing<T>(work: () => Promise<T>): Promise<T> {
    const before = await this.world();
    const result = await work();
    const after = await this.world();
    const changed = Object.keys(after).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
    if (changed.length > 0) throw new Error(`changed: ${changed.join(', ')}`);
    return result;
  }

  /** Waits until what was begun has come to its end: facts are out, nothing moves. */
  private async rest(): Promise<void> {
    let last = '';
    await until('the suite to be at rest', async () => {
      const now = JSON.stringify(await this.world());
      const isSame = now === last;
      last = now;
      const [{ unsent }] = (await this.suite.sql<{ unsent: number }>(
        SERVICES.map((name) => `SELECT count(*)::integer AS unsent FROM "${name}".fact WHERE stream_seq IS NULL`)
          .join(' UNION ALL ')
          .replace(/^/, 'SELECT sum(unsent)::integer AS unsent FROM (')
          .concat(') AS each'),
      )) as [{ unsent: number }];
      return isSame && unsent === 0;
    });
  }
}
