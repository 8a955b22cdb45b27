import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SERVICES } from '#contracts';
import { uuidv7 } from '#kernel';
import { roleOf, TABLES_WITHOUT_TEAM } from '#persistence';
import { openTestSchemas, type TestSchemas } from '#testing';
import pg from 'pg';
import { executor } from '../apps/executor/src/definition.js';
import { gateway } from '../apps/gateway/src/definition.js';
import { governance } from '../apps/governance/src/definition.js';
import { prediction } from '../apps/prediction/src/definition.js';

/**
 * Functions that run as a schema's owner, and so may see what the role of a service does not. The policies that let
 * them are the only ones beside the two that every table with a team has.
 */
const AS_OWNER: Record<string, string[]> = {
  executor: ['drop_journal_partition', 'ensure_journal_partition', 'workspace_locked'],
  gateway: ['api_key_of', 'memberships_of'],
};
const OWNER_MAY_READ = ['executor.execution', 'executor.workspace_lock', 'gateway.api_key', 'gateway.membership'];

const definitions = [executor, gateway, governance, prediction];
let schemas: TestSchemas;
let admin: pg.Client;
beforeAll(async () => {
  schemas = await openTestSchemas(definitions as never);
  admin = new pg.Client({ connectionString: schemas.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await schemas?.drop();
});

interface Table {
  name: string;
  owner: string;
  partition: boolean;
  has_team: boolean;
  team_may_be_null: boolean;
  secured: boolean;
  policies: { name: string; role: string; command: string; using: string; check: string | null }[];
}

/** Tables and partitions of a service's schema; its views too, which have no row security of their own. */
const tablesOf = async (service: string): Promise<Table[]> => {
  const { rows } = await admin.query<Table>(
    `SELECT relname AS name, relowner::regrole::text AS owner, relispartition AS partition,
       team.attname IS NOT NULL AS has_team, NOT coalesce(team.attnotnull, false) AS team_may_be_null,
       relkind IN ('r', 'p') AND relrowsecurity AND relforcerowsecurity AS secured,
       coalesce((SELECT jsonb_agg(jsonb_build_object('name', polname, 'role', polroles::regrole[]::text,
           'command', polcmd, 'using', pg_get_expr(polqual, polrelid), 'check', pg_get_expr(polwithcheck, polrelid))
         ORDER BY polname) FROM pg_policy WHERE polrelid = pg_class.oid), '[]') AS policies
     FROM pg_class LEFT JOIN pg_attribute AS team
       ON team.attrelid = pg_class.oid AND team.attname = 'team_id' AND team.atttypid = 'uuid'::regtype
     WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY relname`,
    [roleOf(service)],
  );
  return rows;
};
const withoutTeam = (service: string): string[] => [
  ...TABLES_WITHOUT_TEAM['*']!,
  ...(TABLES_WITHOUT_TEAM[service] ?? []),
];

it('every service is looked at', () => {
  expect(definitions.map(({ name }) => name).toSorted()).toEqual([...SERVICES].toSorted());
});

describe.each([...SERVICES])('the tables of %s', (service) => {
  const role = roleOf(service);

  it('have a team and forced row-level security, or are in the list of those without', async () => {
    const tables = (await tablesOf(service)).filter(({ partition }) => !partition);
    for (const { name, has_team, team_may_be_null, secured, policies } of tables) {
      const state = { table: `${service}.${name}`, has_team, secured };
      if (withoutTeam(service).includes(name)) {
        expect({ ...state, policies }).toEqual({ ...state, has_team: false, policies: [] });
        continue;
      }
      expect({ ...state, team_may_be_null }).toEqual({
        ...state,
        has_team: true,
        secured: true,
        team_may_be_null: false,
      });
      const own = policies.filter(({ role: to }) => to !== `{${role}_owner}`);
      const team = `(team_id = (NULLIF(current_setting('spectrace.team'::text, true), ''::text))::uuid)`;
      expect([state.table, own]).toEqual([
        state.table,
        [
          { name: 'every_team', role: `{${role}_all}`, command: '*', using: 'true', check: null },
          { name: 'one_team', role: `{${role}}`, command: '*', using: team, check: null },
        ],
      ]);
      const owners = policies.filter(({ role: to }) => to === `{${role}_owner}`).map(({ command }) => command);
      expect([state.table, owners]).toEqual([state.table, OWNER_MAY_READ.includes(state.table) ? ['r'] : []]);
    }
  });

  it('that are listed as without a team are there', async () => {
    const names = (await tablesOf(service)).map(({ name }) => name);
    expect(withoutTeam(service).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('have partitions that nobody enters past their table', async () => {
    const partitions = (await tablesOf(service)).filter(({ partition }) => partition);
    for (const { name, secured, policies } of partitions) {
      expect({ name, secured, policies }).toEqual({ name, secured: true, policies: [] });
    }
  });

  it('belong to the owner of the schema, and nobody else was given anything', async () => {
    for (const { name, owner } of await tablesOf(service)) expect([name, owner]).toEqual([name, `${role}_owner`]);
    const { rows } = await admin.query<{ grantee: string }>(
      `SELECT DISTINCT grantee::regrole::text FROM (
         SELECT (aclexplode(relacl)).* FROM pg_class WHERE relnamespace = $1::regnamespace
         UNION ALL SELECT (aclexplode(nspacl)).* FROM pg_namespace WHERE oid = $1::regnamespace) AS given`,
      [role],
    );
    const allowed = [role, `${role}_all`, `${role}_owner`];
    expect(rows.map(({ grantee }) => grantee).filter((grantee) => !allowed.includes(grantee))).toEqual([]);
  });

  it('are seen across teams by the functions of one list, each bound to its schema', async () => {
    const { rows } = await admin.query<{ name: string; settings: string[] | null; owner: string }>(
      `SELECT proname AS name, (SELECT array_agg(one) FROM unnest(proconfig) AS one WHERE one LIKE 'search_path=%') AS settings,
         proowner::regrole::text AS owner FROM pg_proc
       WHERE pronamespace = $1::regnamespace AND prosecdef ORDER BY proname`,
      [role],
    );
    expect(rows).toEqual(
      (AS_OWNER[service] ?? []).map((name) => ({
        name,
        settings: [`search_path=${role}, pg_temp`],
        owner: `${role}_owner`,
      })),
    );
  });

  it('are out of reach for every other service', async () => {
    for (const other of SERVICES.filter((name) => name !== service)) {
      const client = new pg.Client({ connectionString: schemas.urlOf(other) });
      await client.connect();
      for (const { name } of await tablesOf(service)) {
        await expect(client.query(`SELECT FROM "${role}"."${name}"`)).rejects.toMatchObject({ code: '42501' });
      }
      await client.end();
    }
  });
});

describe('a row of the journal', () => {
  it('is not found past its table, in the partition it lies in, by any role of the service', async () => {
    const client = new pg.Client({ connectionString: schemas.urlOf('executor') });
    await client.connect();
    const [team, execution] = [uuidv7(), uuidv7()];
    await client.query(`SET spectrace.team = '${team}'`);
    await client.query(`INSERT INTO journal (execution_id, seq, team_id, kind, body) VALUES ($1, 1, $2, 'k', '{}')`, [
      execution,
      team,
    ]);
    const [partition] = (await client.query(`SELECT tableoid::regclass::text AS name FROM journal`)).rows;
    expect(partition.name).toMatch(/^journal_\d{4}_\d{2}$/);
    for (const role of ['executor', 'executor_all']) {
      await client.query(`SET ROLE ${role}`);
      expect((await client.query(`SELECT FROM journal`)).rowCount).toBe(1);
      expect((await client.query(`SELECT FROM ${partition.name}`)).rowCount).toBe(0);
      const past = client.query(
        `INSERT INTO ${partition.name} (execution_id, seq, team_id, kind, body) VALUES ($1, 2, $2, 'k', '{}')`,
        [execution, team],
      );
      await expect(past).rejects.toThrow('row-level security');
    }
    await client.end();
  });
});
