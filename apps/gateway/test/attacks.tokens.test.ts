import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { Database } from '#persistence';
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { connect } from 'node:net';
import { writeKey } from '../src/key/key-text.js';
import { openSigningKey } from '../src/auth/signing-key.js';
import { openGateway, sessionOf, type TestGateway } from './gateway.fixture.js';
import { byKey, makeKey, type MadeKey } from './keys.fixture.js';

const MANY = '100000';
let gateway: TestGateway;
let key: MadeKey;
let kid: string;
let ours: KeyObject;

beforeAll(async () => {
  gateway = await openGateway({ RATE_LIMIT_KEY: MANY });
  key = await makeKey(gateway, gateway.token, { type: 'person' });
  ({ kid, privateKey: ours } = await openSigningKey(gateway.platform.home));
});
afterAll(() => gateway.close());

const base64 = (text: string): string => Buffer.from(text).toString('base64url');
const nowS = (): number => Math.floor(Date.now() / 1_000);
const meBy = (token: string) => gateway.call('GET', '/api/auth/me', { token });

/** A token of these very bytes, signed as ours are: only what they say can be wrong with it. */
const signed = (header: string, claims: string, by: KeyObject = ours): string => {
  const text = `${base64(header)}.${base64(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), by).toString('base64url')}`;
};
const headerWith = (more: object = {}): string => JSON.stringify({ alg: 'EdDSA', typ: 'JWT', kid, ...more });
const claimsWith = (more: object = {}): string => {
  const { sub } = JSON.parse(Buffer.from(gateway.token.split('.')[1]!, 'base64url').toString());
  const own = { iss: 'spectrace', aud: 'spectrace:api', team: gateway.team, sid: sessionOf(gateway.token), sub };
  return JSON.stringify({ ...own, jti: uuidv7(), iat: nowS(), exp: nowS() + 600, ...more });
};
const twice = (json: string, name: string, first: unknown): string =>
  `{"${name}":${JSON.stringify(first)},${json.slice(1)}`;

describe('a token signed by our own key', () => {
  it('is good when it says what ours say', async () => {
    expect((await meBy(signed(headerWith(), claimsWith()))).status).toBe(200);
  });

  it.each<[string, () => string]>([
    ['a subject twice', () => signed(headerWith(), twice(claimsWith(), 'sub', uuidv7()))],
    ['a team twice', () => signed(headerWith(), twice(claimsWith(), 'team', uuidv7()))],
    ['an end twice', () => signed(headerWith(), twice(claimsWith(), 'exp', 1))],
    ['an algorithm twice, none first', () => signed(twice(headerWith(), 'alg', 'none'), claimsWith())],
    ['a key id twice', () => signed(twice(headerWith(), 'kid', '/dev/null'), claimsWith())],
    ['a name that is a prototype', () => signed(headerWith(), twice(claimsWith(), '__proto__', { sub: uuidv7() }))],
    ['an end as a text', () => signed(headerWith(), claimsWith({ exp: String(nowS() + 600) }))],
    ['an end with a fraction', () => signed(headerWith(), claimsWith({ exp: nowS() + 500.5 }))],
    ['an end below zero', () => signed(headerWith(), claimsWith({ exp: -1 }))],
    ['an end that is no number any more', () => signed(headerWith(), claimsWith().replace(/"exp":\d+/, '"exp":1e400'))],
    ['an end far from its beginning', () => signed(headerWith(), claimsWith({ exp: nowS() + 3_600 }))],
    ['an end as a list', () => signed(headerWith(), claimsWith({ exp: [nowS() + 600] }))],
    ['a beginning as a text', () => signed(headerWith(), claimsWith({ iat: String(nowS()) }))],
    ['a beginning in the future', () => signed(headerWith(), claimsWith({ iat: nowS() + 300, exp: nowS() + 600 }))],
    ['no beginning', () => signed(headerWith(), claimsWith({ iat: undefined }))],
    ['a time before which it is not good', () => signed(headerWith(), claimsWith({ nbf: nowS() + 60 }))],
    ['such a time as a text', () => signed(headerWith(), claimsWith({ nbf: 'now' }))],
    ['a subject that is a list', () => signed(headerWith(), claimsWith({ sub: [uuidv7()] }))],
    ['two audiences, none of them ours', () => signed(headerWith(), claimsWith({ aud: ['a', 'b'] }))],
    ['claims that are a list', () => signed(headerWith(), `[${claimsWith()}]`)],
    ['claims that are no JSON', () => signed(headerWith(), 'sub=1')],
    ['a critical header nobody knows', () => signed(headerWith({ crit: ['x'], x: 1 }), claimsWith())],
    ['a payload that is not encoded', () => signed(headerWith({ crit: ['b64'], b64: false }), claimsWith())],
    ['no type', () => signed(headerWith({ typ: undefined }), claimsWith())],
    ['a key id that is a path', () => signed(headerWith({ kid: '../../../../dev/null' }), claimsWith())],
    ['a key id that is a URL', () => signed(headerWith({ kid: 'https://evil.example/key' }), claimsWith())],
    ['a key id that is SQL', () => signed(headerWith({ kid: `${kid}' UNION SELECT 'x` }), claimsWith())],
    ['a key id that is a map', () => signed(headerWith({ kid: { $ne: '' } }), claimsWith())],
    ['no key id', () => signed(headerWith({ kid: undefined }), claimsWith())],
    ['alg RS256', () => signed(headerWith({ alg: 'RS256' }), claimsWith())],
    ['alg HS256', () => signed(headerWith({ alg: 'HS256' }), claimsWith())],
    ['alg none', () => signed(headerWith({ alg: 'none' }), claimsWith())],
    ['alg None', () => `${base64(headerWith({ alg: 'None' }))}.${base64(claimsWith())}.`],
    ['alg in lower case', () => signed(headerWith({ alg: 'eddsa' }), claimsWith())],
    ['five parts', () => `${signed(headerWith({ enc: 'A256GCM' }), claimsWith())}.x.y`],
    ['spaces in its signature', () => signed(headerWith(), claimsWith()).replace(/(.)$/, ' $1')],
  ])('is none with %s', async (_name, make) => {
    const { status, body } = await meBy(make());
    expect([status, ['auth.token_invalid', 'auth.token_expired'].includes(body.code)]).toEqual([401, true]);
  });
});

describe('a token that brings its own key', () => {
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const jwk = createPublicKey(stranger).export({ format: 'jwk' });

  it.each<[string, object]>([
    ['jwk', { jwk }],
    ['jku', { jku: 'http://127.0.0.1:1/keys' }],
    ['x5u', { x5u: 'http://127.0.0.1:1/chain' }],
    ['x5c', { x5c: ['MIIB'] }],
  ])('as %s is none', async (_name, more) => {
    expect((await meBy(signed(headerWith(more), claimsWith(), stranger))).body.code).toBe('auth.token_invalid');
  });
});

describe('an API key that is none', () => {
  const parts = (): string[] => key.api_key.split('_');
  const wellMade = (more: { id?: string; secret?: string; environment?: string }): string =>
    writeKey({ environment: 'live', id: key.id, secret: parts()[3]!, ...more });

  /** How often the database was asked while this went on. */
  const questions = async (work: () => Promise<unknown>): Promise<number> => {
    const spy = jest.spyOn(gateway.service.app.get(Database), 'inTeam');
    try {
      await work();
      return spy.mock.calls.length;
    } finally {
      spy.mockRestore();
    }
  };

  it.each<[string, () => string]>([
    ['a wrong checksum', () => key.api_key.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
    ['no checksum', () => parts().slice(0, 4).join('_')],
    ['a character less', () => key.api_key.slice(0, -1)],
    ['a character more', () => `${key.api_key}0`],
    ['half its secret', () => key.api_key.replace(/_[0-9a-f]{64}_/, (secret) => `_${secret.slice(1, 33)}_`)],
    ['letters of another size', () => key.api_key.toUpperCase()],
    ['itself twice', () => `${key.api_key}, ${key.api_key}`],
    ['another environment', () => wellMade({ environment: 'staging' })],
    ['SQL for an id', () => wellMade({ id: "' OR '1'='1" })],
    ['12 KB', () => key.api_key + 'a'.repeat(12_000)],
  ])('%s: no question reaches the database', async (_name, make) => {
    const asked = await questions(async () => {
      const { status, body } = await byKey(gateway, make(), 'GET', '/api/auth/me');
      expect([status, body.code]).toEqual([401, 'auth.key_invalid']);
    });
    expect(asked).toBe(0);
  });

  it('a good one does ask, so the count would show', async () => {
    expect(await questions(() => byKey(gateway, key.api_key, 'GET', '/api/auth/me'))).toBeGreaterThan(0);
  });

  it.each<[string, () => string]>([
    ['of nobody', () => wellMade({ id: uuidv7() })],
    ['with another secret', () => wellMade({ secret: '0'.repeat(64) })],
    [
      'with a secret that begins alike',
      () => wellMade({ secret: parts()[3]!.replace(/.$/, (last) => (last === '0' ? '1' : '0')) }),
    ],
  ])('%s, though its checksum is right', async (_name, make) => {
    const { status, body } = await byKey(gateway, make(), 'GET', '/api/auth/me');
    expect([status, body.code]).toEqual([401, 'auth.key_invalid']);
  });

  it('in letters that look alike, sent as the bytes they are', async () => {
    const alike = key.api_key.replaceAll('a', 'а').replaceAll('e', 'е').replaceAll('c', 'с');
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1', () =>
        socket.write(
          `GET /api/auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: ${alike}\r\n\r\n`,
          'utf8',
        ),
      );
      let got = '';
      socket.on('data', (chunk) => (got += String(chunk)));
      socket.on('end', () => resolve(got));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
    expect(answer).toContain('auth.key_invalid');
  });

  it('as a bearer, as a cookie or as a password', async () => {
    expect((await meBy(key.api_key)).body.code).toBe('auth.token_invalid');
    const cookie = await gateway.call('GET', '/api/auth/me', {
      headers: { cookie: `spectrace_session=${key.api_key}` },
    });
    expect(cookie.body.code).toBe('auth.token_invalid');
  });

  it('beside another way in is refused, whoever is meant', async () => {
    const headers = { 'x-api-key': key.api_key };
    const both = await gateway.call('GET', '/api/auth/me', { token: gateway.token, headers });
    expect([both.status, both.body.code]).toEqual([400, 'input.invalid']);
  });

  it.each(['api_key', 'apikey', 'X-API-Key', 'q', 'cursor'])('in a URL as %s is refused, good or not', async (name) => {
    for (const headers of [{}, { 'x-api-key': key.api_key }] as Record<string, string>[]) {
      const answer = await gateway.call('GET', `/api/executions?${name}=${key.api_key}`, { headers });
      expect([answer.status, answer.body.code]).toEqual([400, 'auth.token_in_url']);
    }
  });
});
