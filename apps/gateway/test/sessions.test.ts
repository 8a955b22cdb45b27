import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { until } from '#testing';
import type pg from 'pg';
import { type Answer, openGateway, passwordOf, sessionOf, type TestGateway } from './gateway.fixture.js';
import { age, Browser, openRows } from './sessions.fixture.js';

const EMAIL = 'member@example.org';
const TOKEN = /^[\w-]{43}\.[\w-]{43}$/;
let gateway: TestGateway;
let rows: pg.Client;

beforeAll(async () => {
  gateway = await openGateway({ TRUST_PROXY: '127.0.0.1' });
  rows = await openRows(gateway);
  await gateway.person(EMAIL, 'operator');
});
afterAll(async () => {
  await rows.end();
  await gateway.close();
});

const opened = async (): Promise<Browser & { id: string }> => {
  const browser = new Browser(gateway);
  const { body } = await browser.login(EMAIL, passwordOf(EMAIL));
  return Object.assign(browser, { id: sessionOf(body.access_token) });
};
const cli = (): Promise<Answer> =>
  gateway.call('POST', '/api/auth/login', { body: { email: EMAIL, password: passwordOf(EMAIL), client: 'cli' } });
const me = (token: string): Promise<Answer> => gateway.call('GET', '/api/auth/me', { token });
const refresh = (refresh_token: string): Promise<Answer> =>
  gateway.call('POST', '/api/auth/refresh', { body: { refresh_token } });
const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];

describe('a sign-in', () => {
  it('gives a page a session in a cookie it cannot read and a CSRF token it can', async () => {
    const { headers, body } = await new Browser(gateway).login(EMAIL, passwordOf(EMAIL));
    const [session, csrf, ...more] = headers.getSetCookie();
    expect(session).toMatch(
      /^spectrace_session=[\w-]{43}\.[\w-]{43}; Path=\/; Max-Age=604800; SameSite=Strict; HttpOnly$/,
    );
    expect(csrf).toMatch(/^spectrace_csrf=[\w-]{43}; Path=\/; Max-Age=604800; SameSite=Strict$/);
    expect(more).toEqual([]);
    expect(body.access_token).toBeDefined();
    expect(body.refresh_token).toBeUndefined();
  });

  it('over TLS gives cookies that no other host can set', async () => {
    const browser = new Browser(gateway, { 'x-forwarded-proto': 'https' });
    const { headers } = await browser.login(EMAIL, passwordOf(EMAIL));
    for (const [n, name] of ['session', 'csrf'].entries()) {
      expect(headers.getSetCookie()[n]).toMatch(new RegExp(`^__Host-spectrace_${name}=.*; Path=/;.*; Secure`));
    }
    expect((await browser.send('GET', '/api/auth/me')).status).toBe(200);
    expect((await browser.send('POST', '/api/stream-tickets')).status).toBe(201);
    const out = await browser.send('POST', '/api/auth/logout');
    expect([out.status, [...browser.cookies]]).toEqual([204, []]);
  });

  it('of the command line gets no cookie but a refresh token', async () => {
    const { headers, body } = await cli();
    expect(headers.getSetCookie()).toEqual([]);
    expect(body.refresh_token).toMatch(TOKEN);
  });

  it('leaves nothing in the database that would let anybody in', async () => {
    const browser = await opened();
    const { body } = await browser.send('POST', '/api/stream-tickets');
    const { rows: found } = await rows.query(
      `SELECT session::text || coalesce(stream_ticket::text, '') AS text
       FROM gateway.session LEFT JOIN gateway.stream_ticket ON session_id = session.id WHERE session.id = $1`,
      [browser.id],
    );
    const [handle, secret] = browser.session!.split('.');
    for (const known of [handle!, secret!, browser.csrf!, body.ticket]) {
      expect(found[0].text).not.toContain(known);
      expect(found[0].text).not.toContain(Buffer.from(known, 'base64url').toString('hex'));
      expect(found[0].text).not.toContain(Buffer.from(known).toString('hex'));
    }
  });
});

describe('a session cookie', () => {
  it('reads by itself and writes with the CSRF token', async () => {
    const browser = await opened();
    expect((await browser.send('GET', '/api/auth/me')).body.user.email).toBe(EMAIL);
    expect((await browser.send('HEAD', '/api/auth/me', { csrf: null })).status).toBe(200);
    const { origin } = new URL(gateway.url);
    expect((await browser.send('POST', '/api/stream-tickets', { headers: { origin } })).status).toBe(201);
  });

  it('counts as used, once a minute', async () => {
    const browser = await opened();
    const used = async (): Promise<Date> =>
      (await rows.query(`SELECT last_used_at FROM gateway.session WHERE id = $1`, [browser.id])).rows[0].last_used_at;
    const first = await used();
    await browser.send('GET', '/api/auth/me');
    expect(await used()).toEqual(first);
    await age(rows, browser.id, '2 minutes');
    await browser.send('GET', '/api/auth/me');
    expect((await used()).getTime()).toBeGreaterThanOrEqual(first.getTime());
  });

  it.each([
    ['12 hours', 'nobody used it'],
    ['7 days', 'it is over'],
  ])('is good for less than %s: then %s', async (time) => {
    const browser = await opened();
    const { body } = await browser.send('POST', '/api/auth/refresh');
    await age(rows, browser.id, `${time} 1 second`);
    expect(outcome(await browser.send('GET', '/api/auth/me'))).toEqual([401, 'auth.session_ended']);
    expect(outcome(await browser.send('POST', '/api/auth/refresh'))).toEqual([401, 'auth.session_ended']);
    expect(outcome(await me(body.access_token))).toEqual([401, 'auth.session_ended']);
  });
});

describe('a refresh', () => {
  it('gives a page new cookies and an access token of the same session', async () => {
    const browser = await opened();
    const before = browser.copy();
    const { status, body } = await browser.send('POST', '/api/auth/refresh');
    expect(status).toBe(200);
    expect(sessionOf(body.access_token)).toBe(browser.id);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600, password_change_required: false });
    expect(browser.session).not.toBe(before.session);
    expect(browser.csrf).toBe(before.csrf);
    expect((await me(body.access_token)).status).toBe(200);
  });

  it('of two tabs at the same time gives both the same', async () => {
    const browser = await opened();
    const tabs = [browser.copy(), browser.copy(), browser.copy()];
    const answers = await Promise.all(tabs.map((tab) => tab.send('POST', '/api/auth/refresh')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(tabs.map(({ session }) => session)).size).toBe(1);
    expect(tabs[0]!.session).not.toBe(browser.session);
    expect((await browser.send('GET', '/api/auth/me')).status).toBe(200);
  });

  it('with a token that was refreshed longer ago ends the session, whoever it was', async () => {
    const { body: first } = await cli();
    const { body: next } = await refresh(first.refresh_token);
    await age(rows, sessionOf(first.access_token), '31 seconds');
    expect(outcome(await refresh(first.refresh_token))).toEqual([401, 'auth.session_reused']);
    expect(outcome(await refresh(next.refresh_token))).toEqual([401, 'auth.session_ended']);
    expect(outcome(await me(next.access_token))).toEqual([401, 'auth.session_ended']);
  });

  it('of one before the last ends the session even within the time of grace', async () => {
    const browser = await opened();
    const thief = browser.copy();
    for (const _ of [1, 2]) expect((await browser.send('POST', '/api/auth/refresh')).status).toBe(200);
    expect(outcome(await thief.send('GET', '/api/auth/me'))).toEqual([401, 'auth.session_reused']);
    expect(outcome(await browser.send('GET', '/api/auth/me'))).toEqual([401, 'auth.session_ended']);
  });

  it('goes on for ever so many turns, and not beyond 7 days', async () => {
    let { body } = await cli();
    const session = sessionOf(body.access_token);
    for (let turn = 0; turn < 15; turn += 1) {
      ({ body } = await refresh(body.refresh_token));
      expect(body.refresh_token).toMatch(TOKEN);
      await age(rows, session, '11 hours');
    }
    await age(rows, session, '4 hours');
    expect(outcome(await refresh(body.refresh_token))).toEqual([401, 'auth.session_ended']);
  });

  it('needs something to refresh', async () => {
    expect(outcome(await gateway.call('POST', '/api/auth/refresh', { body: {} }))).toEqual([401, 'auth.required']);
    expect(outcome(await refresh('x'))).toEqual([401, 'auth.token_invalid']);
  });
});

describe('a logout', () => {
  it('ends the session with its access tokens, forgets the cookies, and may be repeated', async () => {
    const browser = await opened();
    const { body } = await browser.send('POST', '/api/auth/refresh');
    const kept = browser.copy();
    expect((await browser.send('POST', '/api/auth/logout')).status).toBe(204);
    expect([...browser.cookies]).toEqual([]);
    expect(outcome(await me(body.access_token))).toEqual([401, 'auth.session_ended']);
    expect(outcome(await kept.send('GET', '/api/auth/me'))).toEqual([401, 'auth.session_ended']);
    expect(outcome(await kept.send('POST', '/api/auth/refresh'))).toEqual([401, 'auth.session_ended']);
    for (const again of [browser, kept]) expect((await again.send('POST', '/api/auth/logout')).status).toBe(204);
  });

  it.each<[string, (given: { access_token: string; refresh_token: string }) => object]>([
    ['access token', ({ access_token }) => ({ token: access_token })],
    ['refresh token', ({ refresh_token }) => ({ body: { refresh_token } })],
  ])('by %s', async (_name, credentials) => {
    const { body } = await cli();
    for (const _ of [1, 2]) {
      expect((await gateway.call('POST', '/api/auth/logout', credentials(body))).status).toBe(204);
    }
    expect(outcome(await me(body.access_token))).toEqual([401, 'auth.session_ended']);
    expect(outcome(await refresh(body.refresh_token))).toEqual([401, 'auth.session_ended']);
  });
});

describe("a person's sessions", () => {
  it('are out within a second when another process ends them, and at once when this one does', async () => {
    const [{ body: one }, { body: two }] = [await cli(), await cli()];
    for (const { access_token } of [one, two]) expect((await me(access_token)).status).toBe(200);
    expect(
      (await gateway.call('POST', '/api/auth/logout', { body: { refresh_token: one.refresh_token } })).status,
    ).toBe(204);
    expect(outcome(await me(one.access_token))).toEqual([401, 'auth.session_ended']);
    expect((await me(two.access_token)).status).toBe(200);
    const endedAt = performance.now();
    await rows.query(`UPDATE gateway.session SET ended_at = clock_timestamp() WHERE id = $1`, [
      sessionOf(two.access_token),
    ]);
    await until('the session is out', async () => (await me(two.access_token)).status === 401);
    expect(performance.now() - endedAt).toBeLessThan(1_000);
  });

  it('are listed page by page and ended one by one', async () => {
    const browser = await opened();
    const { body: other } = await cli();
    const seen: Record<string, unknown>[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await browser.send('GET', `/api/auth/sessions?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items);
      cursor = body.next_cursor;
    }
    expect(seen.filter(({ current }) => current)).toEqual([
      {
        id: browser.id,
        client: 'browser',
        created_at: expect.any(String),
        last_used_at: expect.any(String),
        expires_at: expect.any(String),
        current: true,
      },
    ]);
    const ended = sessionOf(other.access_token);
    expect(seen).toContainEqual(expect.objectContaining({ id: ended, client: 'cli', current: false }));
    expect((await browser.send('DELETE', `/api/auth/sessions/${ended}`)).status).toBe(204);
    expect(outcome(await me(other.access_token))).toEqual([401, 'auth.session_ended']);
    expect(outcome(await browser.send('DELETE', `/api/auth/sessions/${ended}`))).toEqual([404, 'session.not_found']);
  });

  it("are nobody else's business", async () => {
    const browser = await opened();
    for (const id of [sessionOf(gateway.token), uuidv7()]) {
      expect(outcome(await browser.send('DELETE', `/api/auth/sessions/${id}`))).toEqual([404, 'session.not_found']);
    }
    expect((await me(gateway.token)).status).toBe(200);
  });

  it('end with a new password, but for the one it was set in', async () => {
    const email = 'changes@example.org';
    const person = await gateway.person(email, 'viewer');
    const browser = new Browser(gateway);
    await browser.login(email, passwordOf(email));
    const body = { old: passwordOf(email), new: 'quite another one' };
    expect((await browser.send('POST', '/api/auth/password', { body })).status).toBe(204);
    expect(outcome(await me(person.token))).toEqual([401, 'auth.session_ended']);
    expect((await browser.send('GET', '/api/auth/me')).status).toBe(200);
  });

  it('do not begin with a password that is just being changed', async () => {
    const email = 'hurried@example.org';
    const { id } = await gateway.person(email, 'viewer');
    await rows.query('BEGIN');
    await rows.query(`UPDATE gateway.users SET password_hash = password_hash || '!' WHERE id = $1`, [id]);
    const login = gateway.call('POST', '/api/auth/login', { body: { email, password: passwordOf(email) } });
    await until('the sign-in to wait for the change', async () => {
      const { rowCount } = await rows.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pg_backend_pid() = ANY(pg_blocking_pids(pid))`,
      );
      return rowCount === 1;
    });
    await rows.query('COMMIT');
    expect(outcome(await login)).toEqual([401, 'auth.credentials_wrong']);
  });
});

describe('somebody with a one-time password', () => {
  it('may set their own and nothing else', async () => {
    const added = await gateway.call('POST', `/api/teams/${gateway.team}/members`, {
      token: gateway.token,
      body: { email: 'fresh@example.org', role: 'admin' },
    });
    const old = added.body.one_time_password;
    const browser = new Browser(gateway);
    expect((await browser.login('fresh@example.org', old)).body.password_change_required).toBe(true);
    const refused = [
      await browser.send('POST', '/api/stream-tickets'),
      await browser.send('GET', '/api/auth/sessions'),
      await browser.send('GET', '/api/teams'),
      await browser.send('GET', `/api/teams/${gateway.team}/members`),
      await browser.send('GET', '/api/executions'),
    ];
    expect(refused.map(outcome)).toEqual(refused.map(() => [403, 'auth.password_change_required']));
    expect((await browser.send('POST', '/api/auth/refresh')).body.password_change_required).toBe(true);
    expect((await browser.send('GET', '/api/auth/me')).body.password_change_required).toBe(true);
    const set = await browser.send('POST', '/api/auth/password', { body: { old, new: 'one of my own' } });
    expect(set.status).toBe(204);
    expect((await browser.send('GET', '/api/auth/me')).body.password_change_required).toBe(false);
    expect((await browser.send('GET', `/api/teams/${gateway.team}/members`)).status).toBe(200);
  });
});
