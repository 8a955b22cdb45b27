import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { executor, prediction } from '#contracts';
import { uuidv7 } from '#kernel';
import { until } from '#testing';
import { SignJWT } from 'jose';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { connect } from 'node:net';
import { openSigningKey } from '../src/auth/signing-key.js';
import {
  type Answer,
  answers,
  executionNotFound,
  openGateway,
  sessionOf,
  type TestGateway,
} from './gateway.fixture.js';

let gateway: TestGateway;
let asked = 0;

beforeAll(async () => {
  gateway = await openGateway();
  const count = <T>(answer: T): T => ((asked += 1), answer);
  await answers(gateway.nats, prediction.run.predict, () => count({} as prediction.RunPrediction));
  await answers(gateway.nats, executor.execution.get, () => {
    throw executionNotFound();
  });
});
afterAll(() => gateway.close());

const predict = (raw: string | Uint8Array, headers: Record<string, string> = {}): Promise<Answer> =>
  gateway.call('POST', '/api/predict', { token: gateway.token, raw, headers });

const expectProblem = ({ status, body, headers }: Answer, expected: [number, string]): void => {
  expect([status, body.code]).toEqual(expected);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(body.request_id).toBe(headers.get('x-request-id'));
  expect(body).toMatchObject({ type: 'about:blank', status, title: expect.any(String), detail: expect.any(String) });
};

const TASK = '"task_description":"tidy","agent_type":"playbook"';

describe('a body that is no good reaches nobody', () => {
  it.each<[string, string | Uint8Array, string, string]>([
    ['malformed', `{${TASK}`, 'json.invalid', ''],
    ['a duplicate key', `{${TASK},"agent_type":"x"}`, 'json.invalid', '/agent_type'],
    ['__proto__', `{${TASK},"__proto__":{"admin":true}}`, 'json.invalid', '/__proto__'],
    [
      'nested too deep',
      `{${TASK},"tools":${'['.repeat(100)}${']'.repeat(100)}}`,
      'json.invalid',
      expect.any(String) as never,
    ],
    ['an unsafe integer', `{${TASK},"max_steps":9007199254740993}`, 'json.invalid', '/max_steps'],
    ['a byte order mark', `\uFEFF{${TASK}}`, 'json.invalid', ''],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'json.invalid', ''],
    ['an overlong UTF-8 quote', Buffer.from([0x7b, 0xc0, 0xa2, 0x7d]), 'json.invalid', ''],
    ['an unknown field', `{${TASK},"user_id":"x"}`, 'input.invalid', '/user_id'],
    ['a wrong type', `{${TASK},"max_steps":"10"}`, 'input.invalid', '/max_steps'],
    ['a field called constructor', `{${TASK},"constructor":{"prototype":{}}}`, 'input.invalid', '/constructor'],
    ['a list', '[]', 'input.invalid', ''],
    ['null', 'null', 'input.invalid', expect.any(String) as never],
    ['nothing at all', '', 'input.invalid', '/task_description'],
  ])('%s', async (_name, raw, code, path) => {
    const before = asked;
    const answer = await predict(raw);
    expectProblem(answer, [400, code]);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toContainEqual(path);
    expect(asked).toBe(before);
  });

  it('10 MB', async () => {
    expectProblem(await predict(`{"task_description":"${'x'.repeat(10_000_000)}"}`), [413, 'request.too_large']);
  });

  it.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    ['application/json; charset=utf-16', {}],
    ['application/yaml', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('as %s %j', async (type, headers) => {
    expectProblem(await predict(`{${TASK}}`, { 'content-type': type, ...headers }), [415, 'request.media_type']);
  });
});

describe('a path or header that is no good', () => {
  it.each([
    ['GET', '/api/nothing', 404, 'route.not_found'],
    ['GET', '/api/executions/not-an-id', 400, 'input.invalid'],
    ['GET', '/api/executions/..%2f..%2fetc', 400, 'input.invalid'],
    ['GET', '/api/executions?limit=1e3', 400, 'input.invalid'],
    ['GET', '/api/executions?limit=5&limit=6', 400, 'input.invalid'],
    ['GET', '/api/executions?limit=0', 400, 'input.invalid'],
    ['GET', '/api/executions?status=nonsense', 400, 'input.invalid'],
    ['GET', '/%zz', 400, 'request.invalid'],
    ['DELETE', '/api/predict', 405, 'route.method_not_allowed'],
  ])('%s %s', async (method, path, status, code) => {
    expectProblem(await gateway.call(method, path, { token: gateway.token }), [status, code]);
  });

  it('says which methods there are', async () => {
    const { headers } = await gateway.call('DELETE', '/api/playbooks', { token: gateway.token });
    expect(headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('an id nobody has', async () => {
    const answer = await gateway.call('GET', `/api/executions/${uuidv7()}`, { token: gateway.token });
    expectProblem(answer, [404, 'execution.not_found']);
  });

  it.each([
    ['x-team-id', 'no-uuid', 400, 'input.invalid'],
    ['x-team-id', '0190a000-0000-7000-8000-00000000dead', 404, 'team.not_found'],
    ['idempotency-key', 'k'.repeat(201), 400, 'input.invalid'],
    ['idempotency-key', 'two words', 400, 'input.invalid'],
  ])('%s: %s', async (name, value, status, code) => {
    const member = await gateway.person(`${uuidv7()}@example.org`, 'viewer');
    const answer = await gateway.call('GET', '/api/auth/me', { token: member.token, headers: { [name]: value } });
    expectProblem(answer, [status, code]);
  });

  it('a request id of the caller comes back, an odd one is replaced', async () => {
    const kept = await gateway.call('GET', '/livez', { headers: { 'x-request-id': 'trace-1.a:b' } });
    expect(kept.headers.get('x-request-id')).toBe('trace-1.a:b');
    const replaced = await gateway.call('GET', '/livez', { headers: { 'x-request-id': '<script>' } });
    expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

/** Sends bytes as they are and reads until the other side closes. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1', () => socket.write(text));
    let got = '';
    socket.on('data', (chunk) => (got += String(chunk)));
    socket.on('end', () => resolve(got));
    socket.on('error', reject);
  });

describe('what is refused before it is a request', () => {
  it.each([
    [
      'headers of 20 KB',
      `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'request.headers_too_large',
    ],
    ['a URL of 20 KB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'request.headers_too_large'],
    ['no HTTP', 'hello there\r\n\r\n', 400, 'request.invalid'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'request.invalid',
    ],
  ])('%s', async (_name, text, status, code) => {
    const answer = await raw(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ status, code });
  });

  it('an offer of another protocol is answered as the plain request it also is', async () => {
    const answer = raw('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('a token that is no good', () => {
  const CLAIMS = { iss: 'spectrace', aud: 'spectrace:api' };
  let person: { id: string; token: string };
  let sid: string;
  let kid: string;
  let ours: KeyObject;

  beforeAll(async () => {
    person = await gateway.person('token@example.org', 'viewer');
    sid = sessionOf(person.token);
    const key = await openSigningKey(gateway.platform.home);
    kid = key.kid;
    ours = key.privateKey;
  });

  interface Forgery {
    alg?: string;
    kid?: string;
    iss?: string;
    aud?: string;
    sub?: string;
    sid?: string;
    typ?: string;
    iat?: number;
    exp?: number | null;
    jti?: string | null;
    key?: KeyObject | Uint8Array;
  }

  const sign = (forged: Forgery): Promise<string> => {
    const now = Math.floor(Date.now() / 1_000);
    const { exp = now + 600, jti = uuidv7(), iat = now } = forged;
    return new SignJWT({
      ...CLAIMS,
      team: gateway.team,
      sid: forged.sid ?? sid,
      sub: forged.sub ?? person.id,
      iat,
      ...(forged.iss && { iss: forged.iss }),
      ...(forged.aud && { aud: forged.aud }),
      ...(exp !== null && { exp }),
      ...(jti !== null && { jti }),
    })
      .setProtectedHeader({ alg: forged.alg ?? 'EdDSA', typ: forged.typ ?? 'JWT', kid: forged.kid ?? kid })
      .sign(forged.key ?? ours);
  };
  const now = (): number => Math.floor(Date.now() / 1_000);
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('a good one of the same making is let in', async () => {
    const answer = await gateway.call('GET', '/api/auth/me', { token: await sign({}) });
    expect(answer.status).toBe(200);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['alg none', () => `${base64({ alg: 'none', typ: 'JWT', kid })}.${base64({ ...CLAIMS, sub: person.id })}.`],
    ['no signature', () => person.token.replace(/\.[^.]+$/, '.')],
    ['a forged signature', () => `${person.token.slice(0, -8)}AAAAAAAA`],
    ['a changed claim', () => person.token.replace(/\.[^.]+\./, `.${base64({ ...CLAIMS, sub: uuidv7() })}.`)],
    ["a stranger's key", () => sign({ key: stranger })],
    ["a stranger's key under a kid that is a path", () => sign({ key: stranger, kid: '../../../../dev/null' })],
    ['a kid that is a path', () => sign({ kid: '../../../../dev/null' })],
    [
      'HS256 with our public key as the secret',
      () => sign({ alg: 'HS256', key: createPublicKey(ours).export({ type: 'spki', format: 'der' }) }),
    ],
    ['a wrong audience', () => sign({ aud: 'somebody:else' })],
    ['a wrong issuer', () => sign({ iss: 'https://evil.example' })],
    ['another type of token', () => sign({ typ: 'at+jwt' })],
    ['a far end', () => sign({ iat: now() - 1_200, exp: now() + 10_000 })],
    ['no end', () => sign({ exp: null })],
    ['no id', () => sign({ jti: null })],
    ['a person who is not there', () => sign({ sub: uuidv7() })],
    ['a session that is not there', () => sign({ sid: uuidv7() })],
    ["another person's session", () => sign({ sid: sessionOf(gateway.token) })],
    ['a session that is no id', () => sign({ sid: '*' })],
    ['a subject that is no id', () => sign({ sub: "' OR 1=1" })],
    ['3 KB', () => 'x'.repeat(3_000)],
  ])('%s', async (_name, make) => {
    const answer = await gateway.call('GET', '/api/auth/me', { token: await make() });
    expect(answer.status).toBe(401);
    expect(['auth.token_invalid', 'auth.token_expired']).toContain(answer.body.code);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('an expired one says so', async () => {
    const token = await sign({ iat: now() - 700, exp: now() - 100 });
    expectProblem(await gateway.call('GET', '/api/auth/me', { token }), [401, 'auth.token_expired']);
  });

  it.each(['access_token', 'token', 'Ticket', 'jwt'])('one in the URL as %s is refused, good or not', async (name) => {
    for (const token of [undefined, person.token]) {
      const answer = await gateway.call('GET', `/api/auth/me?${name}=${person.token}`, { token });
      expectProblem(answer, [400, 'auth.token_in_url']);
    }
  });

  it('another scheme', async () => {
    const answer = await gateway.call('GET', '/api/auth/me', { headers: { authorization: `Basic ${person.token}` } });
    expectProblem(answer, [401, 'auth.token_invalid']);
  });
});

describe('every answer', () => {
  it('carries the security headers', async () => {
    const { headers } = await gateway.call('GET', '/');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('strict-transport-security')).toContain('max-age=');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('tells a program what this is, and a person where to look', async () => {
    expect((await gateway.call('GET', '/')).body).toMatchObject({
      status: 'ok',
      service: 'spectrace',
      version: expect.any(String),
    });
    const page = await gateway.call('GET', '/', { headers: { accept: 'text/html' } });
    expect(page.body).toContain('<title>SpecTrace</title>');
  });

  it('is measured without ids in labels', async () => {
    await gateway.call('GET', `/api/executions/${uuidv7()}`, { token: gateway.token });
    const { body } = await until('the answer to be counted', async () => {
      const answer = await gateway.call('GET', '/metrics');
      return answer.body.includes('route="/api/executions/:execution_id"') && answer;
    });
    expect(body).not.toMatch(/spectrace_http_request_duration[^\n]*[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(body).toContain('spectrace_facts_oldest_unsent_seconds{service="gateway"}');
    expect(body).toContain('# TYPE spectrace_facts_dead_letters_total counter');
  });
});
