import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningService, startService } from '#service';
import { until } from '#testing';
import type pg from 'pg';
import { gateway as definition } from '../src/definition.js';
import { type Answer, urlOf } from './gateway.fixture.js';
import { byKey, makeKey } from './keys.fixture.js';
import { CHANNELS, openReader } from './live-readers.fixture.js';
import { type LiveGateway, openLiveGateway } from './live.fixture.js';
import { openRows } from './sessions.fixture.js';

let gateway: LiveGateway;
let second: RunningService;
let rows: pg.Client;
let people = 0;

beforeAll(async () => {
  gateway = await openLiveGateway();
  second = await startService(definition, gateway.platform, { PORT: '0' });
  rows = await openRows(gateway);
});
afterAll(async () => {
  await rows.end();
  await second.close();
  await gateway.close();
});

const member = (role: 'operator') => gateway.person(`member.${(people += 1)}@example.org`, role);
const me = (api_key: string): Promise<Answer> => byKey(gateway, api_key, 'GET', '/api/auth/me');
const keyOf = (token: string, id: string): Promise<Answer> => gateway.call('GET', `/api/keys/${id}`, { token });

describe('a key that is over', () => {
  it('is out at once at every process when it is revoked, and its streams within two looks', async () => {
    const { token } = await member('operator');
    const { id, api_key } = await makeKey(gateway, token, { type: 'service', name: 'reader' });
    const run = gateway.newRun();
    run.grow(3);
    const urls = [gateway.url, urlOf(second)];
    const readers = CHANNELS.flatMap((channel) =>
      urls.map((url) => openReader(channel, { url, key: api_key, execution: run.id })),
    );
    await until('every stream to have its frames', () => readers.every(({ frames }) => frames.length === 3));
    expect((await gateway.call('DELETE', `/api/keys/${id}`, { token })).status).toBe(204);
    const began = performance.now();
    for (const url of urls) {
      const answer = await fetch(`${url}/api/auth/me`, { headers: { 'x-api-key': api_key } });
      const problem = (await answer.json()) as { code: string };
      expect([answer.status, problem.code]).toEqual([401, 'auth.key_revoked']);
    }
    expect(performance.now() - began).toBeLessThan(1_000);
    await until('every stream to end', () => readers.every((reader) => reader.closed() !== null), 5_000);
    expect(new Set(readers.map((reader) => reader.closed()))).toEqual(new Set(['auth.key_revoked']));
  });

  it('is out when it has expired', async () => {
    const { token } = await member('operator');
    const { id, api_key } = await makeKey(gateway, token, { type: 'person' });
    await rows.query(`UPDATE gateway.api_key SET expires_at = clock_timestamp() WHERE id = $1`, [id]);
    const { status, body } = await me(api_key);
    expect([status, body.code]).toEqual([401, 'auth.key_expired']);
    expect((await keyOf(token, id)).body.state).toBe('expired');
  });

  it('is out when it was used as often as it may be, to the very number, at two processes at once', async () => {
    const { token } = await member('operator');
    const { id, api_key } = await makeKey(gateway, token, { type: 'service', name: 'metered', usage_limit: 30 });
    const statuses = await Promise.all(
      Array.from({ length: 80 }, async (_, n) => {
        const url = n % 2 ? gateway.url : urlOf(second);
        return (await fetch(`${url}/api/auth/me`, { headers: { 'x-api-key': api_key } })).status;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(30);
    expect(statuses.filter((status) => status === 401)).toHaveLength(50);
    expect((await me(api_key)).body.code).toBe('auth.key_used_up');
    expect((await keyOf(token, id)).body).toMatchObject({ state: 'used_up', uses: 30 });
  });
});

describe('the limits of a key', () => {
  it('are its own: 60 a minute, beside its person and their other keys', async () => {
    const { token } = await member('operator');
    const [one, other] = [
      await makeKey(gateway, token, { type: 'person' }),
      await makeKey(gateway, token, { type: 'person' }),
    ];
    const answered = await Promise.all(Array.from({ length: 70 }, () => me(one.api_key)));
    const refused = answered.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(10);
    expect(refused[0]!.headers.get('ratelimit-policy')).toBe('"key";q=60;w=60');
    expect(refused[0]!.body).toMatchObject({ code: 'request.too_many', retryable: true });
    expect((await me(other.api_key)).headers.get('ratelimit')).toMatch(/^"key";r=59;t=\d+$/);
    const { headers } = await gateway.call('GET', '/api/auth/me', { token });
    expect(headers.get('ratelimit-policy')).toBe('"general";q=600;w=60');
  });

  it('count uses that were let through, soon written down', async () => {
    const { token } = await member('operator');
    const { id, api_key } = await makeKey(gateway, token, { type: 'person' });
    for (let n = 0; n < 7; n += 1) await me(api_key);
    const found = await until('the uses to be written', async () => {
      const { body } = await keyOf(token, id);
      return body.uses >= 7 && body;
    });
    expect(found).toMatchObject({ uses: 7, last_used_at: expect.any(String) });
  });
});
