import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { executor } from '#contracts';
import { uuidv7 } from '#kernel';
import { Bus } from '#messaging';
import { until } from '#testing';
import { SignJWT } from 'jose';
import { get } from 'node:http';
import { WebSocket } from 'ws';
import { openSigningKey } from '../src/auth/signing-key.js';
import { answers, executionNotFound, openGateway, type TestGateway } from './gateway.fixture.js';

let gateway: TestGateway;
let bus: Bus;

/** One execution's journal as the executor would keep and read it. */
class Run {
  readonly id = uuidv7();
  readonly frames: executor.Frame[] = [];
  completed = false;

  /** Appends frames; `shown` ones also go out live. */
  grow(count: number, { shown = true, note = 'x' } = {}): void {
    for (let n = 0; n < count; n += 1) {
      this.append({ type: 'step_update', kind: 'step.finished', step: { step: 1, thought: note, actions: [] } }, shown);
    }
  }

  complete(shown = true): void {
    this.completed = true;
    this.append({ type: 'completion', kind: 'execution.succeeded', status: 'succeeded' }, shown);
  }

  private append(frame: Omit<executor.Frame, 'execution_id' | 'seq' | 'at'>, shown: boolean): void {
    const whole = { ...frame, execution_id: this.id, seq: this.frames.length + 1, at: '2026-01-01T00:00:00.000Z' };
    this.frames.push(whole);
    if (shown) bus.show(executor.journaled, [gateway.team, this.id], whole);
  }
}

const runs = new Map<string, Run>();
/** By person and run: the last frame that was read from the journal. */
const furthest = new Map<string, number>();

const newRun = (): Run => {
  const run = new Run();
  runs.set(run.id, run);
  return run;
};

beforeAll(async () => {
  gateway = await openGateway();
  bus = new Bus(gateway.nats);
  await answers(gateway.nats, executor.journal.read, ({ execution_id, after = 0, limit = 500 }, ctx) => {
    const run = runs.get(execution_id);
    if (!run || ctx.team !== gateway.team) throw executionNotFound();
    const items = run.frames.slice(after, after + limit);
    furthest.set(`${ctx.principal.id} ${execution_id}`, after + items.length);
    return { items, last_seq: run.frames.length, completed: run.completed };
  });
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

const upTo = (last: number, after = 0): number[] => Array.from({ length: last - after }, (_, n) => after + 1 + n);

describe('a socket', () => {
  it('gets the past, then the present, each frame once, and ends with the run', async () => {
    const run = newRun();
    run.grow(450, { shown: false });
    const client = watch(`/ws/${run.id}`);
    await until('the past', () => client.seqs.length === 450);
    run.grow(50);
    run.complete();
    await client.end();
    expect(client.seqs).toEqual(upTo(501));
    expect(client.closed).toBe(1000);
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

  it('loses nothing when live frames are lost, doubled and out of order', async () => {
    const run = newRun();
    const client = watch(`/ws/${run.id}`);
    await client.opened();
    run.grow(20, { shown: false });
    for (const seq of [3, 1, 2, 2, 19, 7, 20, 1]) {
      bus.show(executor.journaled, [gateway.team, run.id], run.frames[seq - 1]!);
    }
    run.complete(false);
    await client.end();
    expect(client.seqs).toEqual(upTo(21));
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

  it('of a slow reader is paused, and later filled from the journal', async () => {
    const run = newRun();
    run.grow(3_000, { shown: false, note: 'x'.repeat(10_000) });
    const member = await gateway.person('slow@example.org', 'viewer');
    const slow = watch(`/ws/${run.id}`, {}, member.token);
    slow.socket.on('open', () => slow.socket.pause());
    await slow.opened();
    const quick = watch(`/ws/${run.id}`);
    await until('a quick reader to have everything', () => quick.seqs.length === 3_000);
    expect(furthest.get(`${member.id} ${run.id}`)).toBeLessThan(3_000);
    run.complete();
    slow.socket.resume();
    await slow.end();
    expect(slow.seqs).toEqual(upTo(3_001));
  });

  it('ends with its token', async () => {
    const run = newRun();
    const { kid, privateKey } = await openSigningKey(gateway.platform.home);
    const member = await gateway.person('short.token@example.org', 'viewer');
    const token = await new SignJWT({ team: gateway.team })
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
