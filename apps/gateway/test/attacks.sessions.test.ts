import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import type pg from 'pg';
import { type Answer, openGateway, passwordOf, sessionOf, type TestGateway } from './gateway.fixture.js';
import { Browser, openRows } from './sessions.fixture.js';

const LISTED = 'https://console.example.org';
const EVIL = 'https://evil.example';
const VICTIM = 'victim@example.org';
const ATTACKER = 'attacker@example.org';
let gateway: TestGateway;
let rows: pg.Client;
let victim: Browser;
let attacker: Browser;
let own: string;

const signedIn = async (email: string, always = {}): Promise<Browser> => {
  const browser = new Browser(gateway, always);
  await browser.login(email, passwordOf(email));
  return browser;
};

beforeAll(async () => {
  gateway = await openGateway({ TRUST_PROXY: '127.0.0.1', CORS_ORIGINS: LISTED });
  rows = await openRows(gateway);
  own = new URL(gateway.url).origin;
  for (const email of [VICTIM, ATTACKER]) await gateway.person(email, 'operator');
  victim = await signedIn(VICTIM);
  attacker = await signedIn(ATTACKER);
});
afterAll(async () => {
  await rows.end();
  await gateway.close();
});

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const tickets = async (): Promise<number> =>
  (await rows.query(`SELECT count(*)::integer AS count FROM gateway.stream_ticket`)).rows[0].count;
const name = async (answer: Promise<Answer>): Promise<string> => (await answer).body.user?.email;

describe("a page of somebody else, in the victim's browser", () => {
  let before: number;
  beforeEach(async () => {
    before = await tickets();
  });
  const REFUSED = [403, 'auth.csrf'];

  it.each<[string, () => { csrf?: string | null; headers?: Record<string, string> }]>([
    ['knows no CSRF token', () => ({ csrf: null })],
    ['guesses one', () => ({ csrf: randomBytes(32).toString('base64url') })],
    ['guesses an empty one', () => ({ csrf: null, headers: { 'x-csrf-token': '' } })],
    ["has a token of the attacker's session", () => ({ csrf: attacker.csrf! })],
    ["has the session's id", () => ({ csrf: victim.session!.split('.')[0]! })],
    ['has the token and another origin', () => ({ headers: { origin: EVIL } })],
    ['has the token and no origin to show', () => ({ headers: { origin: 'null' } })],
    ['has the token and another port', () => ({ headers: { origin: `${own}0` } })],
    ['has the token and an origin that begins alike', () => ({ headers: { origin: `${own}.evil.example` } })],
    ['has the token and comes from another site', () => ({ headers: { 'sec-fetch-site': 'cross-site' } })],
    [
      'has the token and comes from a listed origin of another site',
      () => ({ headers: { origin: LISTED, 'sec-fetch-site': 'cross-site' } }),
    ],
    ['has the token and comes from a neighbour', () => ({ headers: { 'sec-fetch-site': 'same-site' } })],
  ])('%s', async (_name, send) => {
    expect(outcome(await victim.send('POST', '/api/stream-tickets', send()))).toEqual(REFUSED);
    expect(outcome(await victim.send('POST', '/api/auth/refresh', send()))).toEqual(REFUSED);
    expect(outcome(await victim.send('POST', '/api/auth/logout', send()))).toEqual(REFUSED);
    expect(await tickets()).toBe(before);
    expect(await name(victim.send('GET', '/api/auth/me'))).toBe(VICTIM);
  });

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])(
    'sends a form as %s',
    async (type) => {
      const raw = JSON.stringify({ old: passwordOf(VICTIM), new: 'of the attacker' });
      for (const path of ['/api/auth/password', '/api/auth/login', '/api/auth/refresh', '/api/auth/logout']) {
        const answer = await victim.send('POST', path, { raw, headers: { 'content-type': type } });
        expect([path, ...outcome(answer)]).toEqual([path, 415, 'request.media_type']);
      }
      expect(await name(victim.send('GET', '/api/auth/me'))).toBe(VICTIM);
    },
  );

  it.each([
    ['another origin', { origin: EVIL }],
    ['no origin', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour', { 'sec-fetch-site': 'same-site' }],
  ])("cannot sign it in to the attacker's account: %s", async (_name, headers) => {
    const body = { email: ATTACKER, password: passwordOf(ATTACKER) };
    const answer = await gateway.call('POST', '/api/auth/login', { body, headers: headers as Record<string, string> });
    expect([...outcome(answer), answer.headers.getSetCookie()]).toEqual([...REFUSED, []]);
  });

  it('is let in from our own origin and from a listed one', async () => {
    for (const origin of [own, LISTED]) {
      const answer = await victim.send('POST', '/api/stream-tickets', { headers: { origin } });
      expect(answer.status).toBe(201);
    }
  });
});

describe('a session', () => {
  it('that was planted before the sign-in is not the one signed in to', async () => {
    const browser = new Browser(gateway);
    const planted = `${randomBytes(32).toString('base64url')}.${randomBytes(32).toString('base64url')}`;
    for (const fixed of [planted, attacker.session!]) {
      browser.cookies.set('spectrace_session', fixed);
      await browser.login(VICTIM, passwordOf(VICTIM));
      expect(browser.session).not.toBe(fixed);
      expect(browser.session!.split('.')[0]).not.toBe(fixed.split('.')[0]);
    }
    const thief = new Browser(gateway);
    thief.cookies.set('spectrace_session', planted);
    expect(outcome(await thief.send('GET', '/api/auth/me'))).toEqual([401, 'auth.token_invalid']);
    expect(await name(attacker.send('GET', '/api/auth/me'))).toBe(ATTACKER);
  });

  it.each<[string, () => string]>([
    ['nothing', () => ''],
    ['a word', () => 'admin'],
    ['an access token', () => gateway.token],
    ["a handle without its owner's secret", () => `${victim.session!.split('.')[0]}.`],
    ['quotes', () => `' OR 1=1 --.${'A'.repeat(43)}`],
    ['10,000 characters', () => 'A'.repeat(10_000)],
    ['twice, the second planted', () => `${victim.session}; spectrace_session=${attacker.session}`],
    ['twice, the first planted', () => `${attacker.session}; spectrace_session=${victim.session}`],
  ])('cookie with %s lets nobody in', async (_name, value) => {
    const answer = await gateway.call('GET', '/api/auth/me', { headers: { cookie: `spectrace_session=${value()}` } });
    expect(outcome(answer)).toEqual([401, 'auth.token_invalid']);
  });

  it('over TLS is not taken from a cookie that another host could have set', async () => {
    const https = { 'x-forwarded-proto': 'https' };
    const tossed = (cookie: string, headers = {}) =>
      gateway.call('GET', '/api/auth/me', { headers: { cookie, ...headers } });
    const secure = await signedIn(ATTACKER, https);
    expect(outcome(await tossed(`spectrace_session=${attacker.session}`, https))).toEqual([401, 'auth.required']);
    expect(outcome(await tossed(`spectrace_session=${secure.session}`, https))).toEqual([401, 'auth.required']);
    expect(outcome(await tossed(`spectrace_session=${secure.session}`))).toEqual([401, 'auth.token_invalid']);
    expect(outcome(await tossed(`__Host-spectrace_session=${attacker.session}`))).toEqual([401, 'auth.token_invalid']);
    expect(outcome(await tossed(`__HOST-spectrace_session=${secure.session}`, https))).toEqual([401, 'auth.required']);
    const beside = `spectrace_session=${attacker.session}; __Host-spectrace_session=${secure.session}`;
    expect(await name(tossed(beside, https))).toBe(ATTACKER);
  });

  it('in a cookie is none in a body, and the other way round', async () => {
    const body = { email: ATTACKER, password: passwordOf(ATTACKER), client: 'cli' };
    const { body: cli } = await gateway.call('POST', '/api/auth/login', { body });
    const cookie = `spectrace_session=${cli.refresh_token}`;
    const me = await gateway.call('GET', '/api/auth/me', { headers: { cookie } });
    expect(outcome(me)).toEqual([401, 'auth.token_invalid']);
    const swapped = await gateway.call('POST', '/api/auth/refresh', { body: { refresh_token: victim.session } });
    expect(outcome(swapped)).toEqual([401, 'auth.token_invalid']);
    await gateway.call('POST', '/api/auth/logout', { body: { refresh_token: victim.session } });
    expect(await name(victim.send('GET', '/api/auth/me'))).toBe(VICTIM);
  });

  it('whose handle was seen ends when a secret is guessed, and lets nobody in', async () => {
    const browser = await signedIn(VICTIM);
    const guess = `${browser.session!.split('.')[0]}.${randomBytes(32).toString('base64url')}`;
    const answer = await gateway.call('GET', '/api/auth/me', { headers: { cookie: `spectrace_session=${guess}` } });
    expect(outcome(answer)).toEqual([401, 'auth.session_reused']);
    expect(outcome(await browser.send('GET', '/api/auth/me'))).toEqual([401, 'auth.session_ended']);
  });

  it('is not ended by somebody else, nor seen', async () => {
    const { body } = await victim.send('POST', '/api/auth/refresh');
    const id = sessionOf(body.access_token);
    for (const session of [id, uuidv7()]) {
      const ended = await attacker.send('DELETE', `/api/auth/sessions/${session}`);
      expect(outcome(ended)).toEqual([404, 'session.not_found']);
    }
    const seen = await attacker.send('GET', '/api/auth/sessions?limit=200');
    expect(seen.body.items.map((one: { id: string }) => one.id)).not.toContain(id);
    expect(await name(victim.send('GET', '/api/auth/me'))).toBe(VICTIM);
  });

  it('of a person who is taken out of the team is of no use', async () => {
    const { id } = await gateway.person('leaver@example.org', 'viewer');
    const leaver = await signedIn('leaver@example.org');
    await gateway.call('DELETE', `/api/teams/${gateway.team}/members/${id}`, { token: gateway.token });
    for (const path of ['/api/auth/me', '/api/executions']) {
      expect(outcome(await leaver.send('GET', path))).toEqual([403, 'auth.no_team']);
    }
    expect(outcome(await leaver.send('POST', '/api/stream-tickets'))).toEqual([403, 'auth.no_team']);
  });
});

describe('an access token beside a cookie', () => {
  it('is what counts, good or not', async () => {
    const bearer = (token: string) =>
      victim.send('GET', '/api/auth/me', { headers: { authorization: `Bearer ${token}` } });
    expect(await name(bearer(gateway.token))).not.toBe(VICTIM);
    expect(outcome(await bearer('e30.e30.e30'))).toEqual([401, 'auth.token_invalid']);
  });
});

describe('a WebSocket', () => {
  it('is not opened by a cookie, wherever its page is from', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        cookie: `spectrace_session=${victim.session}`,
        origin: own,
      };
      const request = get(`${gateway.url}/ws/${uuidv7()}`, { headers }, (answer) => resolve(answer.statusCode));
      request.on('upgrade', (_answer, socket) => (socket.destroy(), resolve(101)));
      request.on('error', reject);
    });
    expect(status).toBe(401);
  });
});
