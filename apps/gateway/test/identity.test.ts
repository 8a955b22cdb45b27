import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { permissionsOf } from '../src/auth/permission.rules.js';
import { ensureFirstAdmin } from '../src/definition.js';
import { ADMIN, openGateway, type TestGateway } from './gateway.fixture.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(() => gateway.close());

const members = (): string => `/api/teams/${gateway.team}/members`;

describe('the first admin', () => {
  it('is made once', async () => {
    expect(await ensureFirstAdmin(gateway.service.app, { email: 'second@example.org' })).toBeNull();
  });

  it('is admin of team default and of the installation', async () => {
    const { body } = await gateway.call('GET', '/api/auth/me', { token: gateway.token });
    expect(body).toEqual({
      principal: { kind: 'person', id: body.user.id, name: ADMIN.email },
      user: { id: expect.any(String), email: ADMIN.email, name: ADMIN.email, installation_admin: true },
      team: gateway.team,
      roles: ['admin', 'installation_admin'],
      permissions: permissionsOf(['admin', 'installation_admin']),
      teams: [{ id: gateway.team, name: 'default', role: 'admin' }],
      password_issued: null,
      password_change_required: false,
    });
    const teams = await gateway.call('GET', '/api/teams', { token: gateway.token });
    expect(teams.body.items).toEqual([
      { id: gateway.team, name: 'default', role: 'admin', created_at: expect.any(String) },
    ]);
  });

  it('is signed in by a key only its owner can read', () => {
    expect(statSync(join(gateway.platform.home, 'gateway-signing-key.pem')).mode & 0o777).toBe(0o600);
  });
});

describe('signing in', () => {
  it('answers an unknown person and a wrong password alike', async () => {
    const unknown = await gateway.call('POST', '/api/auth/login', {
      body: { email: 'no@body.example', password: 'x' },
    });
    const wrong = await gateway.call('POST', '/api/auth/login', { body: { email: ADMIN.email, password: 'x' } });
    expect(unknown.status).toBe(401);
    expect({ ...wrong.body, request_id: '' }).toEqual({ ...unknown.body, request_id: '' });
    expect(wrong.body.code).toBe('auth.credentials_wrong');
  });

  it('takes the address in any case and answers the token once', async () => {
    const { status, body } = await gateway.call('POST', '/api/auth/login', {
      body: { email: ADMIN.email.toUpperCase(), password: ADMIN.password },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 600,
      password_change_required: false,
    });
  });

  it('stops after ten failures for one address, whatever the password then', async () => {
    const { id: _id } = await gateway.person('guessed@example.org', 'viewer');
    const guess = (password: string) =>
      gateway.call('POST', '/api/auth/login', { body: { email: 'guessed@example.org', password } });
    const statuses = await Promise.all(Array.from({ length: 12 }, (_, n) => guess(`guess ${n}`)));
    expect(statuses.map(({ status }) => status).sort()).toEqual([...Array(10).fill(401), 429, 429]);
    const { status, headers, body } = await guess('anything');
    expect([status, body.code]).toEqual([429, 'request.too_many']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(200);
  });
});

describe('members', () => {
  it('a second person signs in with the one-time password and sets their own', async () => {
    const added = await gateway.call('POST', members(), {
      token: gateway.token,
      body: { email: 'Second@Example.org', role: 'approver', name: 'Second' },
    });
    expect(added.status).toBe(201);
    const { user, one_time_password } = added.body;
    expect(user).toMatchObject({ email: 'second@example.org', name: 'Second', role: 'approver' });
    const login = (password: string) =>
      gateway.call('POST', '/api/auth/login', { body: { email: 'second@example.org', password } });
    const first = await login(one_time_password);
    expect(first.body.password_change_required).toBe(true);
    expect((await gateway.call('GET', members(), { token: first.body.access_token })).body.code).toBe(
      'auth.password_change_required',
    );
    const change = (old: string, fresh: string) =>
      gateway.call('POST', '/api/auth/password', { token: first.body.access_token, body: { old, new: fresh } });
    expect((await change('wrong', 'long enough')).body.code).toBe('auth.old_password_wrong');
    expect((await change(one_time_password, 'short')).body.errors).toMatchObject([{ path: '/new' }]);
    expect((await change(one_time_password, 'long enough')).status).toBe(204);
    expect((await login(one_time_password)).status).toBe(401);
    expect((await login('long enough')).body.password_change_required).toBe(false);
  });

  it('the same request with the same key gets the same answer, another body is refused', async () => {
    const add = (body: object) =>
      gateway.call('POST', members(), { token: gateway.token, headers: { 'idempotency-key': 'member-1' }, body });
    const person = { email: 'twice@example.org', role: 'viewer' };
    const [first, second] = await Promise.all([add(person), add(person)]);
    expect(first.status).toBe(201);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(first.body.one_time_password).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
    const other = await add({ ...person, role: 'admin' });
    expect([other.status, other.body.code]).toEqual([409, 'request.key_reused']);
  });

  it('a person who is in already is not added again', async () => {
    const again = await gateway.call('POST', members(), {
      token: gateway.token,
      body: { email: ADMIN.email, role: 'viewer' },
    });
    expect([again.status, again.body.code]).toEqual([409, 'member.exists']);
  });

  it('a role that is taken away is gone with the next request', async () => {
    const admin = await gateway.person('short.admin@example.org', 'admin');
    expect((await gateway.call('GET', members(), { token: admin.token })).status).toBe(200);
    const changed = await gateway.call('PATCH', `${members()}/${admin.id}`, {
      token: gateway.token,
      body: { role: 'viewer' },
    });
    expect(changed.body).toMatchObject({ id: admin.id, role: 'viewer' });
    const refused = await gateway.call('POST', members(), {
      token: admin.token,
      body: { email: 'x@example.org', role: 'admin' },
    });
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.permission_missing']);
    expect((await gateway.call('DELETE', `${members()}/${admin.id}`, { token: gateway.token })).status).toBe(204);
    const out = await gateway.call('GET', members(), { token: admin.token });
    expect([out.status, out.body.code]).toEqual([404, 'team.not_found']);
    expect((await gateway.call('GET', '/api/auth/me', { token: admin.token })).body.code).toBe('auth.no_team');
    const gone = await gateway.call('DELETE', `${members()}/${admin.id}`, { token: gateway.token });
    expect([gone.status, gone.body.code]).toEqual([404, 'member.not_found']);
  });

  it('are listed page by page', async () => {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await gateway.call('GET', `${members()}?limit=2${cursor && `&cursor=${cursor}`}`, {
        token: gateway.token,
      });
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items.map(({ email }: { email: string }) => email));
      cursor = body.next_cursor;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining([ADMIN.email, 'second@example.org', 'twice@example.org']));
  });
});

describe('teams', () => {
  it("another team's members are none of a person's business", async () => {
    const made = await gateway.call('POST', '/api/teams', { token: gateway.token, body: { name: 'other' } });
    expect(made.body).toMatchObject({ name: 'other', role: 'admin' });
    const other: string = made.body.id;
    const local = await gateway.person('local.admin@example.org', 'admin');
    const foreign = await gateway.person('foreign@example.org', 'viewer', other);
    for (const [method, path, body] of [
      ['GET', `/api/teams/${other}/members`, undefined],
      ['POST', `/api/teams/${other}/members`, { email: 'spy@example.org', role: 'admin' }],
      ['DELETE', `/api/teams/${other}/members/${foreign.id}`, undefined],
      ['GET', `/api/teams/${uuidv7()}/members`, undefined],
    ] as const) {
      const answer = await gateway.call(method, path, { token: local.token, body });
      expect([answer.status, answer.body.code]).toEqual([404, 'team.not_found']);
    }
    const through = await gateway.call('DELETE', `${members()}/${foreign.id}`, { token: local.token });
    expect([through.status, through.body.code]).toEqual([404, 'member.not_found']);
    const header = await gateway.call('GET', '/api/auth/me', { token: local.token, headers: { 'x-team-id': other } });
    expect([header.status, header.body.code]).toEqual([404, 'team.not_found']);
    const refused = await gateway.call('POST', '/api/teams', { token: local.token, body: { name: 'mine' } });
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.permission_missing']);
  });

  it('a person of two teams acts in the one they name', async () => {
    const { body: team } = await gateway.call('POST', '/api/teams', {
      token: gateway.token,
      body: { name: 'second home' },
    });
    const both = await gateway.person('both@example.org', 'viewer');
    await gateway.call('POST', `/api/teams/${team.id}/members`, {
      token: gateway.token,
      body: { email: 'both@example.org', role: 'operator' },
    });
    const me = (headers = {}) => gateway.call('GET', '/api/auth/me', { token: both.token, headers });
    expect((await me()).body).toMatchObject({ team: gateway.team, roles: ['viewer'] });
    expect((await me({ 'x-team-id': team.id })).body).toMatchObject({ team: team.id, roles: ['operator'] });
  });

  it('a name is taken once; a repeat with a key is the same team', async () => {
    const make = (headers = {}) =>
      gateway.call('POST', '/api/teams', { token: gateway.token, body: { name: 'thrice' }, headers });
    const first = await make({ 'idempotency-key': 'team-1' });
    expect((await make({ 'idempotency-key': 'team-1' })).body).toEqual(first.body);
    const taken = await make();
    expect([taken.status, taken.body.code]).toEqual([409, 'team.exists']);
  });
});
