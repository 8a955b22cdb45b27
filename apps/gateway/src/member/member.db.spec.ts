import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gateway as contracts, type CallContext } from '#contracts';
import { uuidv7 } from '#kernel';
import { FactLog, FactSignal } from '#persistence';
import { callContext, openTestDatabase, type TestDatabase, until } from '#testing';
import pg from 'pg';
import { FormerMembersKeys1763600005000 } from '../../migrations/0005-keys-of-former-members.js';
import { FirstAdmin } from '../auth/first-admin.js';
import { PERMISSIONS } from '../auth/permission.rules.js';
import { gateway } from '../definition.js';
import { AccessChanges } from '../auth/access-changes.js';
import { UserRepository } from '../user/user.repository.js';
import { MemberRepository } from './member.repository.js';
import { MemberService } from './member.service.js';
import { OneTimePasswords } from './one-time-password.js';

const ADMIN = { permissions: PERMISSIONS.admin, grant: { key: null } };
let test: TestDatabase;
let admin: pg.Client;
let users: UserRepository;
let service: MemberService;
let first: FirstAdmin;
let ctx: CallContext;

beforeAll(async () => {
  test = await openTestDatabase(gateway);
  admin = new pg.Client({ connectionString: test.adminUrl });
  await admin.connect();
  const changes = new AccessChanges();
  users = new UserRepository(test.database, changes);
  const members = new MemberRepository(new FactLog(new FactSignal()));
  service = new MemberService(test.database, users, members, new OneTimePasswords(Buffer.alloc(32, 7)), changes);
  first = new FirstAdmin(test.database, users, members);
});
afterAll(async () => {
  await admin.end();
  await test.close();
});

const facts = async (user: string): Promise<{ version: number; role: string | null }[]> => {
  const { rows } = await admin.query(
    `SELECT version, body->>'role' AS role FROM gateway.fact
     WHERE type = $1 AND body->>'user_id' = $2 ORDER BY position`,
    [contracts.memberChanged.subject, user],
  );
  return rows;
};

/** Holds the lock of making the first admin until so many wait for it, so that all of them saw nobody there. */
const whileLocked = async <T>(work: () => Promise<T>, waiting: number): Promise<T> => {
  await admin.query(`SELECT pg_advisory_lock(hashtextextended('gateway: the first admin', 0))`);
  const done = work();
  await until('everybody to wait for the lock', async () => {
    const { rows } = await admin.query(`SELECT count(*)::int AS count FROM pg_locks
      WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    return rows[0].count === waiting;
  });
  await admin.query(`SELECT pg_advisory_unlock_all()`);
  return done;
};

describe('the first admin on an empty database', () => {
  it('is one, however many processes ask at once', async () => {
    await expect(first.ensure({ password: 'short' })).rejects.toMatchObject({ code: 'settings.invalid' });
    await expect(first.ensure({ email: 'nobody' })).rejects.toMatchObject({ code: 'settings.invalid' });
    const asked = await whileLocked(() => Promise.all([1, 2, 3].map(() => first.ensure({}))), 3);
    const made = asked.filter((one) => one !== null);
    expect(made).toMatchObject([{ email: 'admin@localhost', generated: true, password: expect.any(String) }]);
    const credentials = await users.credentials({ email: 'admin@localhost' });
    const person = await users.find(credentials!.id);
    expect(person).toMatchObject({ installation_admin: true, places: [{ team: made[0]!.team, role: 'admin' }] });
    expect(await facts(person!.id)).toEqual([{ version: 1, role: 'admin' }]);
    ctx = callContext({ team: made[0]!.team, principal: { kind: 'person', id: person!.id, name: person!.email } });
  });
});

describe('a membership', () => {
  const add = (email: string, role: 'viewer' | 'admin') => service.add(ctx, { team_id: ctx.team, email, role }, ADMIN);

  it('keeps one row and one order of facts through leaving and coming back', async () => {
    const { user } = await add('comes.and@goes.example', 'viewer');
    const operator = { team_id: ctx.team, user_id: user.id, role: 'operator' as const };
    await service.change(ctx, operator, ADMIN);
    await service.change(ctx, operator, ADMIN);
    await service.remove(ctx, user.id);
    await add('comes.and@goes.example', 'admin');
    expect(await facts(user.id)).toEqual([
      { version: 1, role: 'viewer' },
      { version: 2, role: 'operator' },
      { version: 3, role: null },
      { version: 4, role: 'admin' },
    ]);
    await service.remove(ctx, user.id);
  });

  it('is added once when two people add it at the same time', async () => {
    const results = await Promise.allSettled([add('raced@example.org', 'viewer'), add('raced@example.org', 'viewer')]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'member.exists' } });
  });

  it('of the last admin stays, even when two admins remove each other at once', async () => {
    const { user } = await add('other.admin@example.org', 'admin');
    const results = await Promise.allSettled([service.remove(ctx, user.id), service.remove(ctx, ctx.principal.id)]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'member.last_admin' },
    });
  });

  it('of another team is invisible, even to a statement without a WHERE', async () => {
    const elsewhere = callContext();
    const seen = await test.database.inTeam(elsewhere, (tx) => tx.query(`SELECT * FROM membership`));
    expect(seen).toEqual([]);
    await expect(service.list(elsewhere, { team_id: elsewhere.team })).rejects.toMatchObject({
      code: 'team.not_found',
    });
  });
});

describe('keys of people who left before that revoked them', () => {
  const keyOf = async (user: string): Promise<string> => {
    const id = uuidv7();
    await admin.query(
      `INSERT INTO gateway.api_key (id, team_id, user_id, type, name, secret_hash, expires_at)
       VALUES ($1, $2, $3, 'person', 'old', '\\x00', now() + interval '1 day')`,
      [id, ctx.team, user],
    );
    return id;
  };

  it('are revoked by the migration, those of members are not', async () => {
    const [gone, here] = await Promise.all(
      ['gone@example.org', 'here@example.org'].map((email) =>
        service.add(ctx, { team_id: ctx.team, email, role: 'viewer' }, ADMIN),
      ),
    );
    await service.remove(ctx, gone!.user.id);
    const keys = [await keyOf(gone!.user.id), await keyOf(here!.user.id)];
    await admin.query(`SET ROLE gateway_owner; SET search_path = gateway`);
    await new FormerMembersKeys1763600005000().up({ query: (sql: string) => admin.query(sql) } as never);
    await admin.query(`RESET ROLE; RESET search_path`);
    const { rows } = await admin.query(`SELECT revoked_at FROM gateway.api_key WHERE id = ANY($1) ORDER BY id`, [keys]);
    expect(rows.map(({ revoked_at }) => revoked_at !== null)).toEqual([true, false]);
    const { rows: forced } = await admin.query(
      `SELECT relforcerowsecurity AS forced FROM pg_class WHERE oid = 'gateway.api_key'::regclass`,
    );
    expect(forced).toEqual([{ forced: true }]);
  });
});

describe('a one-time password', () => {
  it('is not usable once its week is over', async () => {
    const { user } = await service.add(ctx, { team_id: ctx.team, email: 'late@example.org', role: 'viewer' }, ADMIN);
    expect(await users.credentials({ id: user.id })).toMatchObject({ one_time: true, usable: true });
    await admin.query(
      `UPDATE gateway.users SET one_time_until = clock_timestamp() - interval '1 second' WHERE id = $1`,
      [user.id],
    );
    expect(await users.credentials({ id: user.id })).toMatchObject({ one_time: true, usable: false });
  });

  it('is changed by one of two who knew it', async () => {
    const { user } = await service.add(ctx, { team_id: ctx.team, email: 'two@example.org', role: 'viewer' }, ADMIN);
    const { password_hash: was } = (await users.credentials({ id: user.id }))!;
    const changed = await Promise.all(
      ['one', 'other'].map((hash) => users.changePassword(user.id, { was, hash, kept: null })),
    );
    expect(changed.toSorted()).toEqual([false, true]);
    expect((await users.credentials({ id: user.id }))!.password_hash).toBe(changed[0] ? 'one' : 'other');
  });
});
