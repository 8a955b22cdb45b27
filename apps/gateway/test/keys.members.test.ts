import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PrincipalKind, TeamRole } from '#contracts';
import { until } from '#testing';
import type pg from 'pg';
import { openGateway, type TestGateway } from './gateway.fixture.js';
import { byKey, makeKey, type MadeKey } from './keys.fixture.js';
import { openRows } from './sessions.fixture.js';

let gateway: TestGateway;
let admin: { id: string; token: string };
let rows: pg.Client;
let people = 0;

beforeAll(async () => {
  gateway = await openGateway({ RATE_LIMIT_NEW_KEYS: '1000' });
  rows = await openRows(gateway);
  admin = await gateway.person('admin.of.keys@example.org', 'admin');
});
afterAll(async () => {
  await rows.end();
  await gateway.close();
});

const fresh = (): string => `somebody.${(people += 1)}@example.org`;
const members = (): string => `/api/teams/${gateway.team}/members`;
const keyOf = (type: PrincipalKind, more: object): Promise<MadeKey> =>
  makeKey(gateway, admin.token, { type, name: 'a key', role: 'admin', ...more });
const emails = async (): Promise<string[]> => {
  const { body } = await gateway.call('GET', `${members()}?limit=200`, { token: gateway.token });
  return body.items.map(({ email }: { email: string }) => email);
};
/** Somebody who is known here and has a password of their own, but is in no team. */
const knownPerson = async (): Promise<{ email: string; id: string }> => {
  const email = fresh();
  const { id } = await gateway.person(email, 'viewer');
  await gateway.call('DELETE', `${members()}/${id}`, { token: gateway.token });
  return { email, id };
};

describe('a key and who is in the team', () => {
  it.each<[PrincipalKind, TeamRole]>([
    ['service', 'admin'],
    ['service', 'viewer'],
    ['person', 'admin'],
  ])('kept to member.write, of type %s, makes nobody %s', async (type, role) => {
    const { api_key } = await keyOf(type, { scopes: ['member.write'] });
    const { email, id } = await knownPerson();
    for (const whom of [fresh(), email]) {
      const { status, body } = await byKey(gateway, api_key, 'POST', members(), { email: whom, role });
      expect([status, body.code]).toEqual([403, 'member.role_beyond_key']);
      expect(body.errors).toMatchObject([{ path: '/role' }]);
    }
    await gateway.call('POST', members(), { token: gateway.token, body: { email, role: 'operator' } });
    const changed = await byKey(gateway, api_key, 'PATCH', `${members()}/${id}`, { role });
    expect([changed.status, changed.body.code]).toEqual([403, 'member.role_beyond_key']);
  });

  it('is given nobody’s one-time password, and so adds nobody who needs one', async () => {
    for (const type of ['service', 'person'] as const) {
      const { api_key } = await keyOf(type, {});
      const email = fresh();
      const { status, body } = await byKey(gateway, api_key, 'POST', members(), { email, role: 'viewer' });
      expect([status, body.code]).toEqual([403, 'member.session_needed']);
      expect(body.detail).toMatch(/in the console, or signed in/);
      expect(await emails()).not.toContain(email);
    }
  });

  it('is not given one either that its person was given signed in, by the same Idempotency-Key', async () => {
    const { api_key } = await keyOf('person', {});
    const request = { body: { email: fresh(), role: 'viewer' }, headers: { 'idempotency-key': 'same' } };
    const added = await gateway.call('POST', members(), { ...request, token: admin.token });
    expect(added.body.one_time_password).toMatch(/-/);
    const headers = { ...request.headers, 'x-api-key': api_key };
    const again = await gateway.call('POST', members(), { ...request, headers });
    expect([again.status, again.body.code]).toEqual([403, 'member.session_needed']);
    expect(JSON.stringify(again.body)).not.toContain(added.body.one_time_password);
  });

  it('that may all an admin may adds who has a password, and changes roles', async () => {
    const { api_key } = await keyOf('service', {});
    const { email, id } = await knownPerson();
    const added = await byKey(gateway, api_key, 'POST', members(), { email, role: 'operator' });
    expect(added).toMatchObject({ status: 201, body: { one_time_password: null, user: { role: 'operator' } } });
    const changed = await byKey(gateway, api_key, 'PATCH', `${members()}/${id}`, { role: 'approver' });
    expect(changed).toMatchObject({ status: 200, body: { role: 'approver' } });
  });
});

describe('the keys of somebody who leaves', () => {
  const remove = (id: string) => gateway.call('DELETE', `${members()}/${id}`, { token: gateway.token });
  const add = (email: string, role: TeamRole) =>
    gateway.call('POST', members(), { token: gateway.token, body: { email, role } });

  it('are revoked with their leaving, and stay so when they come back', async () => {
    const email = fresh();
    const { id, token } = await gateway.person(email, 'operator');
    const keys = [];
    for (const type of ['person', 'agent', 'service']) keys.push(await makeKey(gateway, token, { type, name: 'kept' }));
    const bystander = await keyOf('service', {});
    expect((await remove(id)).status).toBe(204);
    const { body } = await gateway.call('GET', '/api/keys?limit=200', { token: admin.token });
    const listed = new Map(body.items.map((key: { id: string }) => [key.id, key]));
    for (const key of keys) {
      expect(listed.get(key.id)).toMatchObject({ state: 'revoked', revoked_at: expect.any(String), permissions: [] });
    }
    expect((await add(email, 'admin')).status).toBe(201);
    for (const { api_key } of keys) {
      const answer = await byKey(gateway, api_key, 'GET', '/api/auth/me');
      expect([answer.status, answer.body.code]).toEqual([401, 'auth.key_revoked']);
    }
    expect((await byKey(gateway, bystander.api_key, 'GET', '/api/auth/me')).status).toBe(200);
  });

  it('of another team stay as they are', async () => {
    const { body: other } = await gateway.call('POST', '/api/teams', {
      token: gateway.token,
      body: { name: 'beside' },
    });
    const email = fresh();
    const { id, token } = await gateway.person(email, 'viewer');
    await gateway.call('POST', `/api/teams/${other.id}/members`, {
      token: gateway.token,
      body: { email, role: 'viewer' },
    });
    const elsewhere = await makeKey(gateway, token, { type: 'person' }, { 'x-team-id': other.id });
    await remove(id);
    expect((await byKey(gateway, elsewhere.api_key, 'GET', '/api/auth/me')).status).toBe(200);
  });

  it('are not outlived by one that they make at the same moment', async () => {
    const { id, token } = await gateway.person(fresh(), 'operator');
    await rows.query('BEGIN');
    await rows.query(`UPDATE gateway.membership SET role = NULL WHERE user_id = $1`, [id]);
    const making = gateway.call('POST', '/api/keys', { token, body: { type: 'person' } });
    await until('the key to wait for the removal', async () => {
      const { rows: waiting } = await rows.query(
        `SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`,
      );
      return waiting.length === 1;
    });
    await rows.query('COMMIT');
    const { status, body } = await making;
    expect([status, body.code]).toEqual([403, 'auth.no_team']);
  });
});
