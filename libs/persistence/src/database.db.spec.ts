import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CallContext } from '#contracts';
import { uuidv7 } from '#kernel';
import { callContext, openTestSchemas, type TestSchemas } from '#testing';
import pg from 'pg';
import { Database } from './database.js';

let schemas: TestSchemas;
let database: Database;
const [ours, theirs] = [callContext(), callContext()];
const rowOf = (ctx: CallContext) =>
  database.inTeam(ctx, (tx) =>
    tx.query(`INSERT INTO request (team_id, key, body_digest) VALUES ($1, 'k', $2)`, [ctx.team, ctx.team]),
  );
beforeAll(async () => {
  schemas = await openTestSchemas([
    { name: 'prediction', migrations: [] },
    { name: 'governance', migrations: [] },
  ]);
  database = await Database.open({
    service: 'prediction',
    url: schemas.urlOf('prediction'),
    entities: [],
    poolSize: 1,
  });
  for (const ctx of [ours, theirs]) await rowOf(ctx);
});
afterAll(async () => {
  await database.close();
  await schemas.drop();
});

const everybody = (): Promise<{ team_id: string; body_digest: string }[]> =>
  database.acrossTeams('a test looks', (tx) => tx.query(`SELECT team_id, body_digest FROM request ORDER BY team_id`));
const unchanged = [ours.team, theirs.team].sort().map((team_id) => ({ team_id, body_digest: team_id }));

describe('a service that forgets its WHERE', () => {
  afterEach(async () => expect(await everybody()).toEqual(unchanged));
  const inOurs = (sql: string, parameters: unknown[] = []) => database.inTeam(ours, (tx) => tx.query(sql, parameters));
  const undone = async (sql: string): Promise<number> => {
    let count = -1;
    const work = database.inTeam(ours, async (tx) => {
      count = (await tx.query(sql))[1];
      throw new Error('undo');
    });
    await expect(work).rejects.toThrow('undo');
    return count;
  };

  it('reads one team', async () => {
    expect(await inOurs('SELECT team_id FROM request')).toEqual([{ team_id: ours.team }]);
    expect(await inOurs('SELECT FROM request WHERE team_id = $1', [theirs.team])).toEqual([]);
  });

  it('updates one team', async () => {
    expect(await undone(`UPDATE request SET body_digest = 'changed'`)).toBe(1);
  });

  it('deletes of one team', async () => {
    expect(await undone(`DELETE FROM request`)).toBe(1);
  });

  it('cannot write a row of another team, nor give one of its own away', async () => {
    const insert = inOurs(`INSERT INTO request (team_id, key, body_digest) VALUES ($1, 'x', 'y')`, [theirs.team]);
    await expect(insert).rejects.toThrow('row-level security');
    const give = inOurs(`UPDATE request SET team_id = $1`, [theirs.team]);
    await expect(give).rejects.toThrow('row-level security');
  });

  it('cannot empty a table: TRUNCATE knows no rows', async () => {
    await expect(inOurs(`TRUNCATE request`)).rejects.toThrow('permission denied');
  });

  it('sees both teams in acrossTeams alone, and one again after it', async () => {
    expect(await everybody()).toHaveLength(2);
    expect(await inOurs('SELECT FROM request')).toHaveLength(1);
  });

  it('a transaction that ended leaves neither team nor role on its connection', async () => {
    const left = () =>
      database.acrossTeams('a test looks', (tx) =>
        tx.query(`SELECT session_user AS name, current_setting('spectrace.team', true) AS team`),
      );
    await inOurs('SELECT 1');
    expect(await left()).toEqual([{ name: 'prediction', team: '' }]);
    expect(await inOurs('SELECT current_user AS name')).toEqual([{ name: 'prediction' }]);
  });

  it('a transaction that failed leaves neither team nor role on its connection', async () => {
    for (const open of [() => database.inTeam(theirs, fail), () => database.acrossTeams('fails', fail)]) {
      await expect(open()).rejects.toThrow('no');
      const [left] = await inOurs(`SELECT current_user AS name, current_setting('spectrace.team') AS team`);
      expect(left).toEqual({ name: 'prediction', team: ours.team });
    }
  });
  const fail = async (): Promise<never> => {
    throw new Error('no');
  };

  it.each([
    `${uuidv7()}'; RESET ROLE; --`,
    "' OR true --",
    '',
    '%',
    uuidv7().toUpperCase(),
    undefined,
    null,
    { toString: () => uuidv7() },
    [uuidv7()],
  ])('a team that is no UUID never reaches the database: %j', async (team) => {
    let reached = false;
    const work = database.inTeam({ team: team as string }, async () => (reached = true));
    await expect(work).rejects.toMatchObject({ code: 'team.invalid' });
    expect(reached).toBe(false);
  });
});

describe('the role of a service', () => {
  const asRole = async (...statements: string[]): Promise<pg.QueryResult> => {
    const client = new pg.Client({ connectionString: schemas.urlOf('prediction') });
    await client.connect();
    try {
      let result: pg.QueryResult | undefined;
      for (const statement of statements) result = await client.query(statement);
      return result!;
    } finally {
      await client.end();
    }
  };
  /** SQLSTATE: insufficient privilege. */
  const denied = { code: '42501' };

  it('sees nothing before a team is set', async () => {
    expect((await asRole(`SELECT FROM request`)).rowCount).toBe(0);
    expect((await asRole(`SET spectrace.team = ''`, `SELECT FROM request`)).rowCount).toBe(0);
  });

  it('may do nothing but rows, and enters the role of all teams only by name', async () => {
    const { rows } = await asRole(`
      SELECT granted.rolname AS role, inherit_option AS inherits, set_option AS enters, admin_option AS grants
      FROM pg_auth_members JOIN pg_roles AS granted ON granted.oid = roleid
      WHERE member = current_user::regrole`);
    expect(rows).toEqual([{ role: 'prediction_all', inherits: false, enters: true, grants: false }]);
    const powers = await asRole(`
      SELECT rolname FROM pg_roles WHERE rolname LIKE 'prediction%'
      AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls OR rolreplication OR rolinherit <> true)`);
    expect(powers.rows).toEqual([]);
  });

  it.each([
    ['the owner of its schema', `SET ROLE prediction_owner`],
    ['another service', `SET ROLE governance`],
    ['all teams of another service', `SET ROLE governance_all`],
    ['the owner of another schema', `SET ROLE governance_owner`],
    ['an administrator', `SET SESSION AUTHORIZATION "${new URL(process.env.TEST_ADMIN_URL!).username}"`],
  ])('cannot become %s', async (_, statement) => {
    await expect(asRole(statement)).rejects.toMatchObject(denied);
  });

  it.each([
    ['by its name', [`SELECT FROM governance.request`]],
    ['by its search path', [`SET search_path = governance`, `SELECT FROM governance.request`]],
    ['to write', [`INSERT INTO governance.inbox VALUES (gen_random_uuid(), gen_random_uuid())`]],
    ['as all its teams', [`SET ROLE prediction_all`, `SELECT FROM governance.request`]],
    [
      'by a function of its own',
      [`CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM governance.fact'`],
    ],
  ])('cannot reach another schema %s', async (_, statements) => {
    await expect(asRole(...statements)).rejects.toMatchObject(denied);
  });

  it('finds nothing of another schema on its search path', async () => {
    await expect(asRole(`SET search_path = governance`, `SELECT FROM request`)).rejects.toMatchObject({
      code: '42P01',
    });
  });

  const ddl = [
    `CREATE TABLE mine (id integer)`,
    `CREATE TEMP TABLE mine (id integer)`,
    `CREATE TABLE public.mine (id integer)`,
    `CREATE SCHEMA mine`,
    `CREATE VIEW mine AS SELECT * FROM request`,
    `ALTER TABLE request DISABLE ROW LEVEL SECURITY`,
    `ALTER TABLE request NO FORCE ROW LEVEL SECURITY`,
    `DROP POLICY one_team ON request`,
    `CREATE POLICY mine ON request USING (true)`,
    `ALTER TABLE request OWNER TO prediction`,
    `DROP TABLE request`,
    `CREATE ROLE mine`,
    `ALTER ROLE prediction BYPASSRLS`,
    `GRANT prediction_all TO governance`,
    `GRANT SELECT ON request TO governance`,
    `COPY request TO PROGRAM 'cat'`,
    `SELECT pg_read_file('/etc/passwd')`,
  ];
  it.each(ddl)('cannot %s', async (statement) => {
    const refused = { code: expect.stringMatching(/^(42501|42809)$/) };
    if (statement.startsWith('GRANT SELECT')) {
      // A grant without the right to grant is a warning, and grants nothing.
      await asRole(statement).catch((error) => expect(error).toMatchObject(denied));
      const { rows } = await asRole(`SELECT has_table_privilege('governance', 'request', 'SELECT') AS may`);
      expect(rows).toEqual([{ may: false }]);
      return;
    }
    await expect(asRole(statement)).rejects.toMatchObject(refused);
    await expect(asRole(`SET ROLE prediction_all`, statement)).rejects.toMatchObject(refused);
  });

  it('that switches row security off gets an error, not rows', async () => {
    const read = asRole(`SET spectrace.team = '${ours.team}'`, `SET row_security = off`, `SELECT FROM request`);
    await expect(read).rejects.toMatchObject(denied);
  });
});
