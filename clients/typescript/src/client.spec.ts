import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApiError, AuthenticationError, ConnectionError, NotFoundError, RateLimitError } from './api-error.js';
import { SpecTraceClient } from './client.js';

interface Sent {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

const problem = (status: number, fields: object = {}, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ status, code: 'some.code', detail: 'A sentence.', request_id: 'r-1', ...fields }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
const refusedConnection = (): never => {
  throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
};

let sent: Sent[];
/** A client whose server gives these answers, one after the other; the last one stays. */
const clientOf = (...answers: (() => Response)[]): SpecTraceClient =>
  new SpecTraceClient({
    baseUrl: 'http://spectrace.test/',
    token: 'secret',
    fetch: async (url, init) => {
      const { method, headers, body } = init as RequestInit;
      sent.push({
        url: String(url),
        method: method!,
        headers: headers as Record<string, string>,
        body: body as string,
      });
      return answers[Math.min(sent.length, answers.length) - 1]!();
    },
  });

const thrown = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

beforeEach(() => {
  sent = [];
  // No pause between attempts; how long they are is retry.rules' business.
  jest.spyOn(Math, 'random').mockReturnValue(0);
});

const task = { task_description: 'Tidy.', agent_type: 'playbook' };

describe('a request', () => {
  it('carries token, path and query, and no more than is given', async () => {
    await clientOf(() => json({ items: [], next_cursor: null })).executions.list({ limit: 5, cursor: 'a b' });
    expect(sent).toEqual([
      {
        url: 'http://spectrace.test/api/executions?limit=5&cursor=a+b',
        method: 'GET',
        headers: { accept: 'application/json', authorization: 'Bearer secret' },
        body: undefined,
      },
    ]);
  });

  it('keeps an id in its place in the path', async () => {
    await clientOf(() => json({})).executions.get('../teams?x=1');
    expect(sent[0]!.url).toBe('http://spectrace.test/api/executions/..%2Fteams%3Fx%3D1');
  });

  it('after a login carries the new token, and the login no old one', async () => {
    const client = clientOf(
      () => json({ access_token: 'fresh', token_type: 'Bearer', expires_in: 600, password_change_required: false }),
      () => json({}),
    );
    await client.login('ann@example.org', 'pw');
    await client.me();
    expect(sent.map(({ headers }) => headers['authorization'])).toEqual([undefined, 'Bearer fresh']);
  });

  it('without an answer body gives nothing', async () => {
    expect(await clientOf(() => new Response(null, { status: 204 })).changePassword('a', 'b')).toBeUndefined();
  });
});

describe('a refusal', () => {
  it('is an error with everything the problem says', async () => {
    const errors = [{ path: '/steps/0', message: 'unknown key' }];
    const error = await thrown(clientOf(() => problem(400, { errors })).playbooks.register('x'));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 400,
      code: 'some.code',
      message: 'A sentence.',
      errors,
      request_id: 'r-1',
      retry_after: null,
    });
  });

  it.each([
    [401, AuthenticationError],
    [404, NotFoundError],
    [429, RateLimitError],
  ])('%i has a class of its own', async (status, type) => {
    expect(await thrown(clientOf(() => problem(status)).approvals.approve('x'))).toBeInstanceOf(type);
  });

  it('by something that is not SpecTrace says so', async () => {
    const error = await thrown(clientOf(() => new Response('<h1>Nope</h1>', { status: 403 })).me());
    expect(error).toMatchObject({ status: 403, code: 'answer.unknown', errors: [] });
  });

  it('is also what a page in place of an answer is, and a redirect', async () => {
    expect(await thrown(clientOf(() => new Response('<h1>Hi</h1>')).me())).toMatchObject({ code: 'answer.unknown' });
    const elsewhere = clientOf(() => new Response(null, { status: 302, headers: { location: 'http://evil.test' } }));
    expect(await thrown(elsewhere.me())).toMatchObject({ status: 302, code: 'answer.unknown' });
    expect(sent).toHaveLength(2);
  });
});

describe('a retry', () => {
  it('of a GET follows until the answer comes', async () => {
    const client = clientOf(
      refusedConnection,
      () => problem(503),
      () => problem(429, {}, { 'retry-after': '0' }),
      () => json({ items: [] }),
    );
    expect(await client.executions.list()).toEqual({ items: [] });
    expect(sent).toHaveLength(4);
  });

  it('comes at most three times, and the last failure is told', async () => {
    expect(await thrown(clientOf(() => problem(503)).me())).toMatchObject({ status: 503 });
    expect(sent).toHaveLength(4);
  });

  it('of a creating POST has the same key and body as the first attempt', async () => {
    await clientOf(
      refusedConnection,
      () => problem(504),
      () => json({ id: 'x' }, 202),
    ).execute(task);
    expect(sent).toHaveLength(3);
    expect(sent[0]!.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(sent.map(({ headers, body }) => `${headers['idempotency-key']} ${body}`)).size).toBe(1);
  });

  it('of what an agent wants to do goes under the key that names it, as often as it is asked', async () => {
    const client = clientOf(refusedConnection, () => json({ decision: 'ask' }));
    const action = { task_description: 'Tidy up.', tool: 'file.delete', arguments: { path: 'x' } };
    expect(await client.propose(action, 'the-one')).toEqual({ decision: 'ask' });
    expect(await client.propose(action, 'the-one')).toEqual({ decision: 'ask' });
    expect(sent.map(({ headers, body }) => [headers['idempotency-key'], JSON.parse(body!)])).toEqual(
      sent.map(() => ['the-one', action]),
    );
    expect(sent.every(({ url }) => url.endsWith('/loop/execute'))).toBe(true);
  });

  it.each<[string, (client: SpecTraceClient) => Promise<unknown>]>([
    ['a yes', (client) => client.approvals.approve('x', { reason: 'why', key: 'mine' })],
    ['a no', (client) => client.approvals.reject('x', { reason: 'why', key: 'mine' })],
  ])('of %s to an approval is the same answer, and so is one that is given again by hand', async (_name, answer) => {
    const client = clientOf(
      refusedConnection,
      () => problem(503),
      () => json({ id: 'x' }),
    );
    await answer(client);
    await answer(client);
    expect(sent).toHaveLength(4);
    expect(sent.every(({ headers }) => headers['idempotency-key'] === 'mine')).toBe(true);
    expect(sent.every(({ body }) => body === '{"reason":"why"}')).toBe(true);
  });

  it('does not happen to two calls of the same task: each has its own key', async () => {
    const client = clientOf(() => json({ id: 'x' }, 202));
    await client.execute(task);
    await client.execute(task);
    expect(new Set(sent.map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
  });

  it.each<[string, (client: SpecTraceClient) => Promise<unknown>]>([
    ['a login', (client) => client.login('a@example.org', 'pw')],
    ['a cancellation', (client) => client.executions.cancel('x')],
    ['a removal', (client) => client.members.remove('t', 'u')],
  ])('never follows %s, which has no key', async (_name, call) => {
    await thrown(call(clientOf(() => problem(503))));
    expect(sent.map(({ headers }) => headers['idempotency-key'])).toEqual([undefined]);
  });

  it('does not follow when the server asks for more than a minute of patience', async () => {
    const error = await thrown(clientOf(() => problem(429, {}, { 'retry-after': '300' })).me());
    expect(error).toMatchObject({ retry_after: 300 });
    expect(sent).toHaveLength(1);
  });
});

it('no answer at all is an error that names the address', async () => {
  const error = await thrown(clientOf(refusedConnection).approvals.reject('x', { reason: 'no' }));
  expect(error).toBeInstanceOf(ConnectionError);
  expect((error as Error).message).toBe('SpecTrace does not answer at http://spectrace.test: nothing listens there.');
});

describe('an access token that has expired', () => {
  const expired = (): Response => problem(401, { code: 'auth.token_expired' });
  const fresh = (access_token: string, refresh_token: string): Response =>
    json({ access_token, refresh_token, token_type: 'Bearer', expires_in: 600, password_change_required: false });
  const bearers = (): unknown[] => sent.map(({ headers }) => headers['authorization']);
  const signedIn = async (...answers: (() => Response)[]): Promise<SpecTraceClient> => {
    const client = clientOf(() => fresh('a', 'r'), ...answers);
    await client.login('ann@example.org', 'pw', 'cli');
    return client;
  };

  it('is renewed by the refresh token, and the call made again; the next renewal takes the next one', async () => {
    const client = await signedIn(
      expired,
      () => fresh('b', 's'),
      () => json({}),
      expired,
      () => fresh('c', 't'),
      () => json({}),
    );
    await client.approvals.approve('1');
    await client.me();
    expect(bearers()).toEqual([undefined, 'Bearer a', undefined, 'Bearer b', 'Bearer b', undefined, 'Bearer c']);
    expect([sent[2], sent[5]]).toMatchObject([
      { url: 'http://spectrace.test/api/auth/refresh', body: '{"refresh_token":"r"}' },
      { url: 'http://spectrace.test/api/auth/refresh', body: '{"refresh_token":"s"}' },
    ]);
  });

  it('is renewed once for calls at the same time', async () => {
    let renewals = 0;
    const answers = (url: string, token: string | undefined): Response => {
      if (url.endsWith('/refresh')) {
        renewals += 1;
        return fresh('b', 's');
      }
      return token === 'Bearer b' ? json({}) : expired();
    };
    const together = new SpecTraceClient({
      baseUrl: 'http://spectrace.test',
      token: 'a',
      refreshToken: 'r',
      fetch: async (url, init) => answers(String(url), (init!.headers as Record<string, string>)['authorization']),
    });
    await Promise.all([together.me(), together.me(), together.executions.list()]);
    expect(renewals).toBe(1);
  });

  it('whose session has ended says so', async () => {
    const client = await signedIn(expired, () => problem(401, { code: 'auth.session_reused', detail: 'Used twice.' }));
    expect(await thrown(client.me())).toMatchObject({ code: 'auth.session_reused', message: 'Used twice.' });
  });

  it('without a refresh token stays expired', async () => {
    expect(await thrown(clientOf(expired).me())).toMatchObject({ code: 'auth.token_expired' });
    expect(sent).toHaveLength(1);
  });

  it('that somebody else has renewed is taken from where it is kept, and what is renewed is kept there', async () => {
    const kept = { access: 'b', refresh: 's' };
    const answers = [expired, expired, () => fresh('c', 't'), () => json({})];
    const written: unknown[] = [];
    const client = new SpecTraceClient({
      baseUrl: 'http://spectrace.test',
      token: 'a',
      refreshToken: 'r',
      store: { read: () => kept, write: (answer) => written.push(answer.refresh_token) },
      fetch: async (url, init) => {
        const { method, headers, body } = init as RequestInit;
        sent.push({
          url: String(url),
          method: method!,
          headers: headers as Record<string, string>,
          body: String(body),
        });
        return answers[sent.length - 1]!();
      },
    });
    await client.me();
    expect(bearers()).toEqual(['Bearer a', 'Bearer b', undefined, 'Bearer c']);
    expect([sent[2]!.body, written]).toEqual(['{"refresh_token":"s"}', ['t']]);
  });
});
