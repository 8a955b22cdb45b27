import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { calculateJwkThumbprint, type JWK, SignJWT } from 'jose';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from './caller.js';
import { type Route, SettledSuite } from './settled-suite.js';
import { problemOf } from './suite-process.js';
import { Watcher } from './watcher.js';

const TEST_MS = 60_000;
const LIFETIME_S = 600;

let settled: SettledSuite;

beforeAll(async () => {
  settled = await SettledSuite.open();
}, 120_000);
afterAll(() => settled?.suite.close(), 60_000);

/** What a caller would send if they were let in. */
const bodyOf = ({ method, path }: Route): object | undefined => {
  if (method === 'GET') return undefined;
  if (path.endsWith('/members')) return { email: 'spy@example.org', role: 'admin' };
  if (path.endsWith('/{user_id}') && method === 'PATCH') return { role: 'viewer' };
  if (path.endsWith('/reject') || path.endsWith('/rollback')) return { reason: 'because' };
  if (path.startsWith('/api/governance/violations/')) return { note: 'because' };
  if (path.endsWith('/execute')) {
    const workspace = { kind: 'local', path: settled.folder };
    return { task_description: 'look', agent_type: 'playbook', playbook: { name: 'look' }, workspace };
  }
  return {};
};

const PUBLIC = [
  '/',
  '/health',
  '/livez',
  '/readyz',
  '/metrics',
  '/api/openapi.json',
  '/api/docs',
  '/api/auth/methods',
  '/api/auth/oidc/callback',
  '/api/auth/oidc/start',
  '/api/auth/login',
  '/api/auth/logout',
  '/api/auth/refresh',
];
const closedRoutes = (): Route[] => settled.routes.filter(({ path }) => !PUBLIC.includes(path));
/** Routes about one thing that a team has. */
const routesWithIds = (): Route[] => settled.routes.filter(({ path }) => path.includes('{'));

describe('a token that is no good', () => {
  let ours: KeyObject;
  let kid: string;
  let sub: string;
  let sid: string;
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  beforeAll(async () => {
    ours = createPrivateKey(readFileSync(join(settled.suite.home, 'gateway-signing-key.pem')));
    kid = await calculateJwkThumbprint(createPublicKey(ours).export({ format: 'jwk' }) as JWK);
    ({ sub, sid } = JSON.parse(Buffer.from(settled.suite.admin.token.split('.')[1]!, 'base64url').toString()));
  });

  interface Forgery {
    alg?: string;
    key?: KeyObject | Uint8Array;
    claims?: object;
    /** Seconds since the token was made. */
    age?: number;
  }
  const claims = (age = 0): Record<string, unknown> => {
    const iat = Math.floor(Date.now() / 1_000) - age;
    const { team } = settled.suite;
    return { iss: 'spectrace', aud: 'spectrace:api', sub, sid, team, jti: uuidv7(), iat, exp: iat + LIFETIME_S };
  };
  const sign = ({ alg = 'EdDSA', key = ours, claims: changed = {}, age }: Forgery = {}): Promise<string> =>
    new SignJWT({ ...claims(age), ...changed }).setProtectedHeader({ alg, typ: 'JWT', kid }).sign(key);

  it('is not the one that these are made after', async () => {
    const headers = { authorization: `Bearer ${await sign()}` };
    expect((await call(settled.suite.url, 'GET', '/api/auth/me', { headers })).status).toBe(200);
  });

  it.each<[string, () => Promise<string> | string, string]>([
    ['expired', () => sign({ age: LIFETIME_S + 60 }), 'auth.token_expired'],
    ['not signed', () => `${base64({ alg: 'none', typ: 'JWT', kid })}.${base64(claims())}.`, 'auth.token_invalid'],
    ["signed with a stranger's key", () => sign({ key: stranger }), 'auth.token_invalid'],
    [
      'signed with our public key as a shared secret',
      () => sign({ alg: 'HS256', key: createPublicKey(ours).export({ type: 'spki', format: 'der' }) }),
      'auth.token_invalid',
    ],
    ['for somebody else', () => sign({ claims: { aud: 'another:api' } }), 'auth.token_invalid'],
    ['from somebody else', () => sign({ claims: { iss: 'elsewhere' } }), 'auth.token_invalid'],
    ['of a person who is not there', () => sign({ claims: { sub: uuidv7() } }), 'auth.token_invalid'],
    ['valid for ever', () => sign({ claims: { exp: 4_000_000_000 }, age: 2 * LIFETIME_S }), 'auth.token_expired'],
    ['nonsense', () => 'nonsense', 'auth.token_invalid'],
  ])(
    '%s opens no route and no socket',
    async (_name, make, code) => {
      const token = await make();
      await settled.changingNothing(async () => {
        for (const route of closedRoutes()) {
          const headers = { authorization: `Bearer ${token}` };
          const answer = await call(settled.suite.url, route.method, settled.pathOf(route), {
            headers,
            body: bodyOf(route),
          });
          expect([route.path, problemOf(answer)]).toEqual([route.path, { status: 401, code }]);
        }
        const socket = new Watcher(settled.suite.url, `/ws/${settled.ids['execution_id']}`, token);
        expect(await socket.refusal()).toEqual({ status: 401, code });
      });
    },
    TEST_MS,
  );
});

describe('an id', () => {
  it(
    'that nobody has is not found',
    async () => {
      await settled.changingNothing(async () => {
        for (const route of routesWithIds()) {
          const path = settled.pathOf(route, { name: 'nobody' });
          const answer = await settled.suite.admin.call(route.method, path, { body: bodyOf(route) });
          expect([route.path, problemOf(answer).status]).toEqual([route.path, 404]);
        }
        // A team one is in, and somebody who is not in it.
        for (const method of ['PATCH', 'DELETE']) {
          const path = `/api/teams/${settled.suite.team}/members/${uuidv7()}`;
          const answer = await settled.suite.admin.call(method, path, {
            body: method === 'PATCH' ? { role: 'viewer' } : {},
          });
          expect(problemOf(answer)).toEqual({ status: 404, code: 'member.not_found' });
        }
      });
    },
    TEST_MS,
  );

  it(
    "of another team is not found either, whatever one may do in one's own",
    async () => {
      const { stranger } = settled.people;
      await settled.changingNothing(async () => {
        for (const route of routesWithIds()) {
          const unknown = await stranger.call(route.method, settled.pathOf(route, { name: 'look' }), {
            body: bodyOf(route),
          });
          const known = await stranger.call(route.method, settled.pathOf(route), { body: bodyOf(route) });
          expect([route.path, problemOf(known)]).toEqual([route.path, { ...problemOf(unknown), status: 404 }]);
        }
        expect(await stranger.watch(settled.ids['execution_id']!).refusal()).toEqual({
          status: 404,
          code: 'execution.not_found',
        });
        const run = problemOf(await stranger.execute('look', settled.folder));
        expect(run).toEqual({ status: 404, code: 'playbook.not_found' });
        for (const list of ['/api/executions', '/api/playbooks', '/api/autonomy/approvals']) {
          expect([list, (await stranger.get(list)).body.items]).toEqual([list, []]);
        }
      });
    },
    TEST_MS,
  );

  it(
    'of a team one is not in opens nothing in a header',
    async () => {
      const { stranger } = settled.people;
      await settled.changingNothing(async () => {
        for (const route of closedRoutes()) {
          const answer = await stranger.call(route.method, settled.pathOf(route), {
            // Refusals are counted by address, and what came before this has used its own up.
            headers: { 'x-team-id': settled.suite.team, 'x-forwarded-for': '198.51.100.7' },
            body: bodyOf(route),
          });
          expect([route.path, problemOf(answer)]).toEqual([route.path, { status: 404, code: 'team.not_found' }]);
        }
      });
    },
    TEST_MS,
  );

  it('in the body cannot stand for a team or a person', async () => {
    await settled.changingNothing(async () => {
      const { member, stranger } = settled.people;
      for (const field of ['team_id', 'user_id', 'principal', 'roles', 'origin']) {
        const answer = await stranger.execute('look', settled.folder, { [field]: settled.suite.team });
        expect(problemOf(answer)).toEqual({ status: 400, code: 'input.invalid' });
        expect(answer.body.errors).toEqual([{ path: `/${field}`, message: `unknown field "${field}"` }]);
      }
      expect((await member.get('/api/auth/me')).body.team).toBe(settled.suite.team);
    });
  });
});

describe('a person', () => {
  it('who asked for an action has no say in it, whatever they send', async () => {
    await settled.changingNothing(async () => {
      for (const word of ['approve', 'reject']) {
        const path = `/api/autonomy/approvals/${settled.ids['id']}/${word}`;
        const answer = await settled.suite.admin.post(path, { reason: 'mine' });
        expect(problemOf(answer)).toEqual({ status: 403, code: 'approval.self_approval' });
      }
    });
  });
});
