import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gateway as contracts, type TeamRole } from '#contracts';
import type pg from 'pg';
import { type Answer, openGateway, passwordOf, type TestGateway } from './gateway.fixture.js';
import { byKey, makeKey } from './keys.fixture.js';
import { openRows } from './sessions.fixture.js';

const ONE_TIME = /^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/;
let gateway: TestGateway;
let rows: pg.Client;
/** An admin of our team, and of no more than that. */
let admin: { id: string; token: string };
let other: string;
let people = 0;

beforeAll(async () => {
  gateway = await openGateway();
  rows = await openRows(gateway);
  admin = await gateway.person('team.admin@example.org', 'admin');
  const { body } = await gateway.call('POST', '/api/teams', { token: gateway.token, body: { name: 'other' } });
  other = body.id;
});
afterAll(async () => {
  await rows.end();
  await gateway.close();
});

const fresh = (): string => `somebody.${(people += 1)}@example.org`;
const add = (email: string, token: string, { role = 'approver' as TeamRole, team = gateway.team } = {}) =>
  gateway.call('POST', `/api/teams/${team}/members`, { token, body: { email, role } });
const remove = (id: string) =>
  gateway.call('DELETE', `/api/teams/${gateway.team}/members/${id}`, { token: gateway.token });
const issue = (id: string, token: string, { team = gateway.team, headers = {} } = {}): Promise<Answer> =>
  gateway.call('POST', `/api/teams/${team}/members/${id}/one-time-password`, { token, headers });
const login = (email: string, password: string) =>
  gateway.call('POST', '/api/auth/login', { body: { email, password } });
/** Somebody who was added and never came. */
const invited = async (): Promise<{ id: string; email: string; password: string }> => {
  const email = fresh();
  const { body } = await add(email, admin.token);
  return { id: body.user.id, email, password: body.one_time_password };
};
const issues = async (user: string) => {
  const { rows: found } = await rows.query(
    `SELECT body->>'role' AS role, context->'principal'->>'name' AS by FROM gateway.fact
     WHERE type = $1 AND body->>'user_id' = $2 AND body->'password_issued' = 'true' ORDER BY position`,
    [contracts.memberChanged.subject, user],
  );
  return found;
};

describe('somebody who never set a password', () => {
  it('is given another by an admin of the team; the one before is none any more', async () => {
    const { id, email, password } = await invited();
    const { body: signedIn } = await login(email, password);
    const { status, body } = await issue(id, admin.token);
    expect([status, body.user.id]).toEqual([201, id]);
    expect(body.one_time_password).toMatch(ONE_TIME);
    expect(body.one_time_password).not.toBe(password);
    expect((await login(email, password)).status).toBe(401);
    const ended = await gateway.call('GET', '/api/auth/me', { token: signedIn.access_token });
    expect([ended.status, ended.body.code]).toEqual([401, 'auth.session_ended']);
    expect((await login(email, body.one_time_password)).body.password_change_required).toBe(true);
  });

  it('is given another after its week, which counts from then', async () => {
    const { id, email } = await invited();
    const age = `UPDATE gateway.users SET one_time_until = clock_timestamp() - interval '1 day' WHERE id = $1`;
    await rows.query(age, [id]);
    const { body } = await issue(id, admin.token);
    expect((await login(email, body.one_time_password)).status).toBe(200);
  });

  it('is given another when they are taken out and invited again', async () => {
    const { id, email, password } = await invited();
    await remove(id);
    const again = await add(email, admin.token);
    expect(again).toMatchObject({ status: 201, body: { one_time_password: expect.stringMatching(ONE_TIME) } });
    expect((await login(email, password)).status).toBe(401);
    expect((await login(email, again.body.one_time_password)).status).toBe(200);
  });

  it('and is in another team too is nobody’s to sign in as but an installation admin’s', async () => {
    const { id, email } = await invited();
    const stranger = await gateway.person(fresh(), 'admin', other);
    const taken = await add(email, stranger.token, { team: other });
    expect([taken.status, taken.body.code]).toEqual([409, 'member.password_pending']);
    expect((await add(email, gateway.token, { team: other })).body.one_time_password).toMatch(ONE_TIME);
    for (const [by, team] of [
      [admin.token, gateway.team],
      [stranger.token, other],
    ] as const) {
      const refused = await issue(id, by, { team });
      expect([refused.status, refused.body.code]).toEqual([403, 'member.password_not_yours']);
    }
    expect((await issue(id, gateway.token)).status).toBe(201);
  });

  it('is given one by nobody without the permission, by no key, and in no other team', async () => {
    const { id, email, password } = await invited();
    const operator = await gateway.person(fresh(), 'operator');
    expect((await issue(id, operator.token)).body.code).toBe('auth.permission_missing');
    const { api_key } = await makeKey(gateway, admin.token, { type: 'person' });
    const path = `/api/teams/${gateway.team}/members/${id}/one-time-password`;
    expect((await byKey(gateway, api_key, 'POST', path)).body.code).toBe('auth.session_needed');
    const elsewhere = await issue(id, gateway.token, { team: other });
    expect([elsewhere.status, elsewhere.body.code]).toEqual([404, 'member.not_found']);
    expect((await login(email, password)).status).toBe(200);
  });
});

describe('somebody who has a password', () => {
  it('is given another by an installation admin alone, which ends what they were signed in with', async () => {
    const email = fresh();
    const { id, token } = await gateway.person(email, 'approver');
    const refused = await issue(id, admin.token);
    expect([refused.status, refused.body.code]).toEqual([403, 'member.password_not_yours']);
    expect((await gateway.call('GET', '/api/auth/me', { token })).status).toBe(200);
    const { body } = await issue(id, gateway.token);
    expect((await gateway.call('GET', '/api/auth/me', { token })).body.code).toBe('auth.session_ended');
    expect((await login(email, passwordOf(email))).status).toBe(401);
    expect((await login(email, body.one_time_password)).body.password_change_required).toBe(true);
    // What the installation admin began, no admin of a team takes over.
    expect((await issue(id, admin.token)).body.code).toBe('member.password_not_yours');
    await remove(id);
    expect((await add(email, admin.token)).body.code).toBe('member.password_pending');
  });

  it('has keys that wait until they set another', async () => {
    const email = fresh();
    const { id, token } = await gateway.person(email, 'operator');
    const { api_key } = await makeKey(gateway, token, { type: 'service', name: 'ci' });
    const { body } = await issue(id, gateway.token);
    const list = () => byKey(gateway, api_key, 'GET', '/api/keys');
    expect((await list()).body.code).toBe('auth.password_change_required');
    const signedIn = await gateway.login(email, body.one_time_password);
    const change = { old: body.one_time_password, new: 'my own again' };
    expect((await gateway.call('POST', '/api/auth/password', { token: signedIn, body: change })).status).toBe(204);
    expect((await list()).status).toBe(200);
  });

  it('is not oneself: a session that somebody took over would be theirs for good', async () => {
    for (const { token, id } of [admin, { token: gateway.token, id: '' }]) {
      const me = id || (await gateway.call('GET', '/api/auth/me', { token })).body.user.id;
      const { status, body } = await issue(me, token);
      expect([status, body.code]).toEqual([403, 'member.own_password']);
    }
  });
});

describe('a one-time password', () => {
  it('is answered alike when its request is repeated, and issued once', async () => {
    const { id } = await invited();
    const headers = { 'idempotency-key': 'again' };
    const [first, second] = await Promise.all([
      issue(id, admin.token, { headers }),
      issue(id, admin.token, { headers }),
    ]);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(await issues(id)).toHaveLength(2);
  });

  it('is a fact with whoever was given it, and the person is told when they come', async () => {
    const { id, email } = await invited();
    const { body } = await issue(id, gateway.token);
    expect(await issues(id)).toEqual([
      { role: 'approver', by: 'team.admin@example.org' },
      { role: 'approver', by: 'first.admin@example.org' },
    ]);
    const told = { by: 'first.admin@example.org', at: expect.stringMatching(/^\d{4}-.+Z$/) };
    const token = await gateway.login(email, body.one_time_password);
    const me = () => gateway.call('GET', '/api/auth/me', { token });
    expect((await me()).body).toMatchObject({ password_change_required: true, password_issued: told });
    const change = { old: body.one_time_password, new: 'my own at last' };
    await gateway.call('POST', '/api/auth/password', { token, body: change });
    expect((await me()).body).toMatchObject({ password_change_required: false, password_issued: told });
  });

  it('of somebody who is known and has their own is given to nobody who adds them', async () => {
    const email = fresh();
    const { id } = await gateway.person(email, 'viewer');
    await remove(id);
    expect((await add(email, admin.token)).body.one_time_password).toBeNull();
    expect((await login(email, passwordOf(email))).status).toBe(200);
    expect(await issues(id)).toHaveLength(1);
  });
});
