import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { until } from '#testing';
import { SignJWT } from 'jose';
import { get } from 'node:http';
import { WebSocket } from 'ws';
import { openSigningKey } from '../src/auth/signing-key.js';
import { sessionOf } from './gateway.fixture.js';
import { type LiveGateway, openLiveGateway, type Run, upTo } from './live.fixture.js';

let gateway: LiveGateway;
const newRun = (): Run => gateway.newRun();
beforeAll(async () => {
  gateway = await openLiveGateway();
});
afterAll(() => gateway.close());

class Client {
  readonly seqs: number[] = [];
  readonly errors: { code: string }[] = [];
  closed: number | null = null;

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.type === 'error') this.errors.push(message);
      else this.seqs.push(message.seq);
    });
    socket.on('close', (code) => (this.closed = code));
    socket.on('error', () => undefined);
  }

  opened = (): Promise<unknown> => until('the socket to open', () => this.socket.readyState === WebSocket.OPEN);
  end = (): Promise<unknown> => until('the socket to close', () => this.closed !== null);
}

const watch = (path: string, headers: Record<string, string> = {}, token: string | null = gateway.token): Client =>
  new Client(
    new WebSocket(gateway.url.replace('http', 'ws') + path, {
      headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
    }),
  );

/** The problem a refused upgrade is answered with. */
const refusal = (
  path: string,
  headers: Record<string, string> = {},
  token: string | null = gateway.token,
): Promise<[number, string]> =>
  new Promise((resolve, reject) => {
    const { socket } = watch(path, headers, token);
    socket.on('open', () => reject(new Error('it opened')));
    socket.on('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve([response.statusCode!, JSON.parse(text).code]));
    });
  });

describe('a socket', () => {
  it('opened by a page brings a one-time ticket', async () => {
    const run = newRun();
    run.grow(2);
    const ticket = await gateway.ticket(gateway.token);
    const client = watch(`/ws/${run.id}?ticket=${ticket}&after=1`, {}, null);
    await until('a frame', () => client.seqs.length === 1);
    run.complete();
    await client.end();
    expect(client.seqs).toEqual([2, 3]);
    expect(await refusal(`/ws/${run.id}?ticket=${ticket}`, {}, null)).toEqual([401, 'auth.ticket_invalid']);
  });

  it('of a client that dropped and comes back goes on where it was', async () => {
    const run = newRun();
    run.grow(10, { shown: false });
    const first = watch(`/ws/${run.id}`);
    await until('the first frames', () => first.seqs.length === 10);
    first.socket.terminate();
    run.grow(10);
    const second = watch(`/ws/${run.id}?after=10`);
    await until('what it missed', () => second.seqs.length === 10);
    run.grow(5);
    run.complete();
    await second.end();
    expect([...first.seqs, ...second.seqs]).toEqual(upTo(26));
  });

  it('starts again after the number a client names', async () => {
    const run = newRun();
    run.grow(6, { shown: false });
    const client = watch(`/ws/${run.id}`);
    await until('all', () => client.seqs.length === 6);
    client.socket.send(JSON.stringify({ type: 'resume', after: 4 }));
    await until('the last two again', () => client.seqs.length === 8);
    run.complete();
    await client.end();
    expect(client.seqs).toEqual([...upTo(6), 5, 6, 7]);
  });

  it('answers what it does not understand with an error frame and stays', async () => {
    const run = newRun();
    const client = watch(`/ws/${run.id}`);
    await client.opened();
    for (const message of ['hello', '{"type":"resume","after":1,"after":2}', '{"type":"join"}'])
      client.socket.send(message);
    client.socket.send(Buffer.from([1, 2, 3]));
    await until('four errors', () => client.errors.length === 4);
    expect(client.errors.map(({ code }) => code)).toEqual([
      'json.invalid',
      'json.invalid',
      'message.unknown',
      'message.unknown',
    ]);
    run.complete();
    await client.end();
    expect(client.seqs).toEqual([1]);
  });

  it('is closed by a message above 4 KiB', async () => {
    const run = newRun();
    const client = watch(`/ws/${run.id}`);
    await client.opened();
    client.socket.send('x'.repeat(5_000));
    await client.end();
    expect(client.closed).toBe(1009);
  });

  it('ends with its token', async () => {
    const run = newRun();
    const { kid, privateKey } = await openSigningKey(gateway.platform.home);
    const member = await gateway.person('short.token@example.org', 'viewer');
    const token = await new SignJWT({ team: gateway.team, sid: sessionOf(member.token) })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid })
      .setIssuer('spectrace')
      .setAudience('spectrace:api')
      .setSubject(member.id)
      .setJti(uuidv7())
      .setIssuedAt()
      .setExpirationTime('2s')
      .sign(privateKey);
    const client = watch(`/ws/${run.id}`, {}, token);
    await client.opened();
    await client.end();
    expect(client.closed).toBe(4401);
  });

  it('of a member who is removed is closed', async () => {
    const run = newRun();
    const member = await gateway.person('watcher@example.org', 'viewer');
    const client = watch(`/ws/${run.id}`, {}, member.token);
    await client.opened();
    await gateway.call('DELETE', `/api/teams/${gateway.team}/members/${member.id}`, { token: gateway.token });
    await client.end();
    expect(client.closed).toBe(4403);
  });
});

describe('a stream', () => {
  const stream = (run: Run, headers: Record<string, string> = {}, method = 'GET') =>
    gateway.call(method, `/api/executions/${run.id}/stream`, { token: gateway.token, headers });

  it('is text that nobody on the way keeps, packs or changes', async () => {
    const run = newRun();
    run.complete();
    const { status, headers, body } = await stream(run);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect([headers.get('cache-control'), headers.get('x-accel-buffering')]).toEqual(['no-store, no-transform', 'no']);
    expect(headers.get('content-encoding')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const frame = JSON.stringify(run.frames[0]);
    const end = '{"code":"live.completed","message":"The run is over and every frame was sent."}';
    expect(body).toBe(`retry: 2000\n\nid: 1\nevent: completion\ndata: ${frame}\n\nevent: end\ndata: ${end}\n\n`);
  });

  it('of a run that is over tells an EventSource to stay away', async () => {
    const run = newRun();
    run.grow(1);
    run.complete();
    expect((await stream(run, { 'last-event-id': '2' })).status).toBe(204);
    expect((await stream(run, { 'last-event-id': '1' })).body).toContain('id: 2\n');
    expect((await stream(run, { 'last-event-id': 'x' })).body.code).toBe('input.invalid');
  });

  it('that is only asked about takes no place', async () => {
    const { status, headers } = await stream(newRun(), {}, 'HEAD');
    expect([status, headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
    expect(await gateway.openSockets('sse')).toBe(0);
  });
});

describe('an upgrade is refused', () => {
  it.each<[string, (id: string) => string, Record<string, string>, 'ours' | 'none' | 'forged', number, string]>([
    ['without a token', (id) => `/ws/${id}`, {}, 'none', 401, 'auth.required'],
    ['with a forged token', (id) => `/ws/${id}`, {}, 'forged', 401, 'auth.token_invalid'],
    ['with a token in the URL', (id) => `/ws/${id}?token=eyJ`, {}, 'ours', 400, 'auth.token_in_url'],
    ['for an id that is none', () => '/ws/nonsense', {}, 'ours', 400, 'input.invalid'],
    ['for an execution nobody has', () => `/ws/${uuidv7()}`, {}, 'ours', 404, 'execution.not_found'],
    ['for another path', () => '/socket', {}, 'ours', 404, 'route.not_found'],
    ['for a bad position', (id) => `/ws/${id}?after=x`, {}, 'ours', 400, 'input.invalid'],
    ['with a team that is none', (id) => `/ws/${id}`, { 'x-team-id': 'x' }, 'ours', 400, 'input.invalid'],
  ])('%s', async (_name, path, headers, token, status, code) => {
    const used = { ours: gateway.token, none: null, forged: 'e30.e30.e30' }[token];
    expect(await refusal(path(newRun().id), headers, used)).toEqual([status, code]);
  });

  it("for another team's execution", async () => {
    const { body: other } = await gateway.call('POST', '/api/teams', {
      token: gateway.token,
      body: { name: 'watchers' },
    });
    expect(await refusal(`/ws/${newRun().id}`, { 'x-team-id': other.id })).toEqual([404, 'execution.not_found']);
    const foreign = await gateway.person('foreign.watcher@example.org', 'viewer', other.id);
    const named = await refusal(`/ws/${newRun().id}`, { 'x-team-id': gateway.team }, foreign.token);
    expect(named).toEqual([404, 'team.not_found']);
  });

  it('beyond a hundred sockets of one person', async () => {
    const run = newRun();
    const member = await gateway.person('many@example.org', 'viewer');
    const clients = upTo(100).map(() => watch(`/ws/${run.id}`, {}, member.token));
    for (const client of clients) await client.opened();
    expect(await refusal(`/ws/${run.id}`, {}, member.token)).toEqual([429, 'live.too_many']);
    clients[0]!.socket.close();
    await clients[0]!.end();
    const next = await until('a place to be free', async () => {
      const client = watch(`/ws/${run.id}`, {}, member.token);
      await until('an answer', () => client.socket.readyState !== WebSocket.CONNECTING);
      return client.socket.readyState === WebSocket.OPEN && client;
    });
    run.complete();
    for (const client of [...clients.slice(1), next]) await client.end();
  });

  it('when it is no WebSocket handshake, which takes nobody a place', async () => {
    const run = newRun();
    const member = await gateway.person('clumsy@example.org', 'viewer');
    const clumsy = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${member.token}`, connection: 'Upgrade', upgrade: 'websocket' };
        get(`${gateway.url}/ws/${run.id}`, { headers }, (answer) => resolve(answer.statusCode!)).on('error', reject);
      });
    for (let n = 0; n < 101; n += 1) expect(await clumsy()).toBe(400);
    const client = watch(`/ws/${run.id}`, {}, member.token);
    await client.opened();
    run.complete();
    await client.end();
  });
});
