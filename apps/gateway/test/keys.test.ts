import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CallContext, executor, governance, prediction } from '#contracts';
import { uuidv7 } from '#kernel';
import { type RunningService, startService } from '#service';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { gateway as definition } from '../src/definition.js';
import { answers, openGateway, type TestGateway, urlOf, view } from './gateway.fixture.js';
import { byKey, makeKey, type MadeKey } from './keys.fixture.js';
import { openRows } from './sessions.fixture.js';

const NOBODY = uuidv7();
let gateway: TestGateway;
let second: RunningService;
let rows: pg.Client;
let people = 0;
/** What the last question came with. */
let asked: { ctx: CallContext; agent_id: string | undefined };

beforeAll(async () => {
  gateway = await openGateway();
  second = await startService(definition, gateway.platform, { PORT: '0' });
  rows = await openRows(gateway);
  await answers(gateway.nats, executor.execution.submit, ({ agent_id }, ctx) => {
    asked = { ctx, agent_id };
    return view(uuidv7());
  });
  await answers(gateway.nats, prediction.run.predict, ({ agent_id }, ctx) => {
    asked = { ctx, agent_id };
    return {} as prediction.RunPrediction;
  });
  await answers(gateway.nats, governance.approval.decide, (_input, ctx) => {
    asked = { ctx, agent_id: undefined };
    return {} as governance.ApprovalView;
  });
});
afterAll(async () => {
  await rows.end();
  await second.close();
  await gateway.close();
});

const member = (role: 'viewer' | 'operator' | 'approver' | 'admin') =>
  gateway.person(`member.${(people += 1)}@example.org`, role);
const me = (api_key: string) => byKey(gateway, api_key, 'GET', '/api/auth/me');
const TASK = { task_description: 'tidy', agent_type: 'playbook' };
const keys = (token: string, path = '') => gateway.call('GET', `/api/keys${path}`, { token });
const revoke = (token: string, id: string) => gateway.call('DELETE', `/api/keys/${id}`, { token });

describe('making a key', () => {
  it('shows it once, and keeps nothing that opens anything', async () => {
    const { token, id: user_id } = await member('operator');
    const { id, api_key } = await makeKey(gateway, token, { type: 'person', usage_limit: 5, expires_in_days: 7 });
    expect(api_key).toMatch(new RegExp(`^st_live_${id.replaceAll('-', '')}_[0-9a-f]{64}_[0-9a-f]{8}$`));
    const { body } = await keys(token, `/${id}`);
    expect(body).toMatchObject({ id, user_id, type: 'person', role: null, scopes: null, state: 'active' });
    expect(body.roles).toEqual(['operator']);
    expect(body).toMatchObject({ usage_limit: 5, uses: 0, last_used_at: null, revoked_at: null });
    const days = (Date.parse(body.expires_at) - Date.parse(body.created_at)) / 86_400_000;
    expect(days).toBeCloseTo(7, 3);
    const { rows: stored } = await rows.query(`SELECT to_jsonb(k)::text AS text FROM gateway.api_key AS k`);
    const { rows: kept } = await rows.query(`SELECT to_jsonb(r)::text AS text FROM gateway.request AS r`);
    const secret = api_key.split('_')[3]!;
    for (const { text } of [...stored, ...kept]) expect(text).not.toContain(secret);
    expect(statSync(join(gateway.platform.home, 'gateway-key-pepper')).mode & 0o777).toBe(0o600);
  });

  it('is answered alike when it is repeated with its Idempotency-Key, by another process too', async () => {
    const { token } = await member('operator');
    const body = { type: 'service', name: 'ci' };
    const send = (url: string) =>
      fetch(`${url}/api/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'key-1' },
        body: JSON.stringify(body),
      }).then((answer) => answer.json() as Promise<MadeKey>);
    const [first, other, third] = await Promise.all([send(gateway.url), send(urlOf(second)), send(gateway.url)]);
    expect(first).toEqual({ id: expect.any(String), api_key: expect.stringMatching(/^st_live_/) });
    expect([other, third]).toEqual([first, first]);
    expect((await me(first.api_key)).status).toBe(200);
    const unlike = await gateway.call('POST', '/api/keys', {
      token,
      body: { ...body, name: 'cd' },
      headers: { 'idempotency-key': 'key-1' },
    });
    expect([unlike.status, unlike.body.code]).toEqual([409, 'request.key_reused']);
  });

  it('is refused beyond five a minute', async () => {
    const { token } = await member('viewer');
    const make = () => gateway.call('POST', '/api/keys', { token, body: { type: 'person' } });
    for (let n = 0; n < 5; n += 1) expect((await make()).status).toBe(201);
    const { status, body, headers } = await make();
    expect([status, body.code]).toEqual([429, 'request.too_many']);
    expect(headers.get('ratelimit-policy')).toBe('"keys";q=5;w=60');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it.each<[object, number, string]>([
    [{}, 400, 'input.invalid'],
    [{ type: 'robot' }, 400, 'input.invalid'],
    [{ type: 'agent' }, 400, 'input.invalid'],
    [{ type: 'person', scopes: ['everything'] }, 400, 'input.invalid'],
    [{ type: 'person', usage_limit: 0 }, 400, 'input.invalid'],
    [{ type: 'person', expires_in_days: 0 }, 400, 'input.invalid'],
    [{ type: 'person', expires_in_days: 367 }, 400, 'input.invalid'],
    [{ type: 'person', role: 'installation_admin' }, 400, 'input.invalid'],
    [{ type: 'person', user_id: NOBODY }, 403, 'key.somebody_else'],
    [{ type: 'person', role: 'admin' }, 403, 'key.beyond_yours'],
    [{ type: 'service', name: 'ci', scopes: ['member.write'] }, 403, 'key.beyond_yours'],
  ])('as %j is refused', async (body, status, code) => {
    const { token } = await member('operator');
    const answer = await gateway.call('POST', '/api/keys', { token, body });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.errors.length).toBeGreaterThan(0);
    expect((await keys(token)).body.items).toEqual([]);
  });
});

it('what can be given to a key is told by its type, to somebody signed in', async () => {
  const { token } = await member('operator');
  const { body } = await keys(token, '/choices');
  const roles = Object.fromEntries(
    body.items.map((choice: { type: string; roles: { role: string }[] }) => [
      choice.type,
      choice.roles.map(({ role }) => role),
    ]),
  );
  expect(roles).toEqual({
    person: ['viewer', 'operator'],
    agent: ['viewer', 'operator'],
    service: ['viewer', 'operator'],
  });
  const agent = body.items.find(({ type }: { type: string }) => type === 'agent');
  expect(agent.roles[1].permissions).toContain('execution.submit');
  expect(agent.roles[1].permissions).not.toContain('key.own');
});

describe('a key is', () => {
  it('a person, with the roles they have now', async () => {
    const { token, id } = await member('operator');
    const { api_key } = await makeKey(gateway, token, { type: 'person' });
    expect((await me(api_key)).body).toMatchObject({ principal: { kind: 'person', id }, roles: ['operator'] });
    await gateway.call('PATCH', `/api/teams/${gateway.team}/members/${id}`, {
      token: gateway.token,
      body: { role: 'viewer' },
    });
    expect((await me(api_key)).body).toMatchObject({ roles: ['viewer'] });
    expect((await byKey(gateway, api_key, 'POST', '/api/execute', TASK)).body.code).toBe('auth.permission_missing');
    await gateway.call('DELETE', `/api/teams/${gateway.team}/members/${id}`, { token: gateway.token });
    const out = await me(api_key);
    expect([out.status, out.body.code]).toEqual([401, 'auth.key_revoked']);
  });

  it('a machine, which does at most what the person behind it may do now', async () => {
    const admin = await member('admin');
    const made = await makeKey(gateway, admin.token, { type: 'service', name: 'ci', role: 'admin' });
    expect((await me(made.api_key)).body).toMatchObject({
      principal: { kind: 'service', id: 'ci', name: 'ci' },
      user: { id: admin.id },
      roles: ['admin'],
    });
    await gateway.call('PATCH', `/api/teams/${gateway.team}/members/${admin.id}`, {
      token: gateway.token,
      body: { role: 'viewer' },
    });
    const { body } = await me(made.api_key);
    expect(body.roles).toEqual(['viewer']);
    expect(body.permissions).not.toContain('member.write');
  });

  it('an agent: what it submits is its own, on behalf of the person behind it', async () => {
    const { token, id } = await member('admin');
    const { api_key } = await makeKey(gateway, token, { type: 'agent', name: 'tidy-bot', role: 'admin' });
    for (const [path, body] of [
      ['/api/execute', TASK],
      ['/api/predict', TASK],
    ] as const) {
      for (const agent of [{}, { agent_id: 'tidy-bot' }]) {
        await byKey(gateway, api_key, 'POST', path, { ...body, ...agent });
        expect(asked).toMatchObject({
          agent_id: 'tidy-bot',
          ctx: {
            team: gateway.team,
            principal: { kind: 'agent', id: 'tidy-bot', name: 'tidy-bot' },
            on_behalf_of: { kind: 'person', id },
            roles: ['operator'],
          },
        });
      }
      const refused = await byKey(gateway, api_key, 'POST', path, { ...body, agent_id: 'other-bot' });
      expect([refused.status, refused.body.code]).toEqual([403, 'auth.agent_refused']);
      expect(refused.body.errors).toMatchObject([{ path: '/agent_id' }]);
    }
  });

  it('told what it is itself, not what the person behind it is', async () => {
    const agent = await makeKey(gateway, gateway.token, { type: 'agent', name: 'tidy-bot' });
    const scoped = { type: 'service', name: 'ci', role: 'admin', scopes: ['execution.submit', 'approval.decide'] };
    const several = await makeKey(gateway, gateway.token, scoped);
    const own = await makeKey(gateway, gateway.token, { type: 'person' });
    for (const [{ api_key }, role] of [
      [agent, 'operator'],
      [several, null],
      [own, 'admin'],
    ] as const) {
      const { body } = await me(api_key);
      expect(body.user.installation_admin).toBe(false);
      expect(body.teams).toEqual([{ id: gateway.team, name: 'default', role }]);
      const listed = await byKey(gateway, api_key, 'GET', '/api/teams');
      expect(listed.body.items).toMatchObject([{ id: gateway.team, role }]);
    }
  });

  it('an agent: it never approves, whatever its role and scopes say', async () => {
    const { token } = await member('admin');
    const scopes = ['approval.decide', 'approval.read', 'member.write', 'key.own', 'key.manage'];
    for (const more of [{ role: 'admin' }, { role: 'approver' }, { role: 'admin', scopes }]) {
      const { api_key } = await makeKey(gateway, token, { type: 'agent', name: 'tidy-bot', ...more });
      for (const answer of ['approve', 'reject']) {
        const path = `/api/autonomy/approvals/${uuidv7()}/${answer}`;
        const { status, body } = await byKey(gateway, api_key, 'POST', path, { reason: 'because' });
        expect([status, body.code]).toEqual([403, 'auth.permission_missing']);
      }
    }
  });

  it('kept to its scopes, and no service is told of a role they do not need', async () => {
    const { token } = await member('admin');
    const { api_key } = await makeKey(gateway, token, { type: 'person', scopes: ['approval.decide'] });
    const path = `/api/autonomy/approvals/${uuidv7()}/approve`;
    await byKey(gateway, api_key, 'POST', path, {});
    expect(asked.ctx.roles).toEqual(['approver']);
    const refused = await byKey(gateway, api_key, 'GET', '/api/executions');
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.permission_missing']);
  });

  it('of its team alone, though the person has more', async () => {
    const { body: other } = await gateway.call('POST', '/api/teams', {
      token: gateway.token,
      body: { name: `other ${uuidv7()}` },
    });
    const { api_key } = await makeKey(gateway, gateway.token, { type: 'person' });
    const elsewhere = await gateway.call('GET', '/api/auth/me', {
      headers: { 'x-api-key': api_key, 'x-team-id': other.id },
    });
    expect([elsewhere.status, elsewhere.body.code]).toEqual([404, 'team.not_found']);
    expect((await byKey(gateway, api_key, 'GET', `/api/teams/${other.id}/members`)).status).toBe(404);
    for (const path of ['/api/auth/me', '/api/teams']) {
      expect(JSON.stringify((await byKey(gateway, api_key, 'GET', path)).body)).not.toContain(other.id);
    }
    expect((await me(api_key)).body.roles).toEqual(['admin']);
    const team = await byKey(gateway, api_key, 'POST', '/api/teams', { name: 'mine' });
    expect([team.status, team.body.code]).toEqual([403, 'auth.permission_missing']);
  });

  it('no session: it makes no keys, sets no password, ends nobody, and gets no ticket', async () => {
    const { token } = await member('admin');
    const { api_key } = await makeKey(gateway, token, { type: 'person' });
    for (const [method, path, body] of [
      ['POST', '/api/keys', { type: 'person' }],
      ['POST', '/api/auth/password', { old: 'x', new: 'long enough' }],
      ['POST', '/api/stream-tickets', {}],
      ['GET', '/api/auth/sessions', undefined],
      ['DELETE', `/api/auth/sessions/${uuidv7()}`, undefined],
    ] as const) {
      const answer = await byKey(gateway, api_key, method, path, body);
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'auth.session_needed']);
    }
  });
});

describe('keys are seen and revoked', () => {
  it('by their person, page by page, the newest first', async () => {
    const { token } = await member('viewer');
    const made: string[] = [];
    for (let n = 0; n < 3; n += 1) made.unshift((await makeKey(gateway, token, { type: 'person', name: `k${n}` })).id);
    const first = await keys(token, '?limit=2');
    expect(first.body.items.map(({ id }: MadeKey) => id)).toEqual(made.slice(0, 2));
    const last = await keys(token, `?limit=2&cursor=${first.body.next_cursor}`);
    expect(last.body).toMatchObject({ items: [{ id: made[2], name: 'k0' }], next_cursor: null });
  });

  it('by nobody else but who may manage them', async () => {
    const [one, other, admin] = [await member('operator'), await member('operator'), await member('admin')];
    const { id, api_key } = await makeKey(gateway, one.token, { type: 'service', name: 'ci' });
    expect((await keys(other.token)).body.items).toEqual([]);
    for (const answer of [await keys(other.token, `/${id}`), await revoke(other.token, id)]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'key.not_found']);
    }
    expect((await keys(admin.token, `/${id}`)).body).toMatchObject({ id, user_id: one.id });
    expect((await revoke(admin.token, id)).status).toBe(204);
    expect((await me(api_key)).body.code).toBe('auth.key_revoked');
    expect((await revoke(admin.token, id)).body.code).toBe('key.not_found');
    expect((await keys(one.token, `/${id}`)).body).toMatchObject({
      ...{ state: 'revoked', revoked_at: expect.any(String) },
      ...{ permissions: [], roles: [] },
    });
  });

  it('never by somebody of another team, whatever they may do there', async () => {
    const { body: other } = await gateway.call('POST', '/api/teams', {
      token: gateway.token,
      body: { name: `foreign ${uuidv7()}` },
    });
    const stranger = await gateway.person('stranger@example.org', 'admin', other.id);
    const { token } = await member('viewer');
    const { id } = await makeKey(gateway, token, { type: 'person' });
    expect((await keys(stranger.token, `/${id}`)).body.code).toBe('key.not_found');
    expect((await revoke(stranger.token, id)).body.code).toBe('key.not_found');
    expect((await keys(stranger.token)).body.items).toEqual([]);
  });
});
