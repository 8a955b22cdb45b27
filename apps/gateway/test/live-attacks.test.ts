import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { until } from '#testing';
import { ADMIN } from './gateway.fixture.js';
import { type LiveGateway, openLiveGateway, type Run } from './live.fixture.js';
import { Attacker, type Outcome } from './live-attacker.fixture.js';
import { openReader, type Reader } from './live-readers.fixture.js';

const PAGE_OF_OTHERS = 'https://evil.example';

let gateway: LiveGateway;
let attacker: Attacker;
let otherTeam: string;
let run: Run;

beforeAll(async () => {
  gateway = await openLiveGateway({ TRUST_PROXY: '127.0.0.1' });
  attacker = new Attacker(gateway);
  const { body } = await gateway.call('POST', '/api/teams', { token: gateway.token, body: { name: 'others' } });
  otherTeam = body.id;
  run = gateway.newRun();
  run.grow(3);
});
afterEach(() => attacker.closeAll());
afterAll(() => gateway.close());

describe('a token in a URL', () => {
  it.each([
    ['token', 'auth.token_in_url'],
    ['Access_Token', 'auth.token_in_url'],
    ['jwt', 'auth.token_in_url'],
    ['authorization', 'auth.token_in_url'],
    ['api_key', 'auth.token_in_url'],
    ['Ticket', 'auth.token_in_url'],
    ['my_secret', 'input.invalid'],
  ])('called %s is refused on every channel: %s', async (name, code) => {
    const query = `${name}=${gateway.token}`;
    const engine = `/socket.io/?EIO=4&${query}&transport=`;
    expect(await attacker.upgrade(`/ws/${run.id}?${query}`, attacker.bearer())).toEqual([400, code]);
    expect(await attacker.upgrade(`${engine}websocket`, attacker.bearer())).toEqual([400, code]);
    expect(await attacker.get(`${engine}polling`, attacker.bearer())).toEqual([400, code]);
    expect(await attacker.get(`/api/executions/${run.id}/stream?${query}`, attacker.bearer())).toEqual([400, code]);
  });

  it('that is a good ticket is refused by Socket.IO, which takes it in the handshake', async () => {
    const ticket = await gateway.ticket(gateway.token);
    expect(await attacker.get(`/socket.io/?EIO=4&transport=polling&ticket=${ticket}`, {})).toEqual([
      400,
      'auth.token_in_url',
    ]);
    expect((await attacker.shake({ auth: { ticket } })).outcome).toBe('connected');
  });
});

describe('a ticket', () => {
  it('opens one socket, on whatever channel', async () => {
    const ticket = await gateway.ticket(gateway.token);
    expect((await attacker.shake({ auth: { ticket } })).outcome).toBe('connected');
    expect((await attacker.shake({ auth: { ticket } })).outcome).toBe('auth.ticket_invalid');
    expect(await attacker.upgrade(`/ws/${run.id}?ticket=${ticket}`, {})).toEqual([401, 'auth.ticket_invalid']);
  });

  it.each([
    ['forged', 'A'.repeat(43)],
    ['an access token', ''],
    ['too long', 'x'.repeat(3_000)],
    ['SQL', "' OR 1=1 --"],
  ])('that is %s opens nothing', async (_what, text) => {
    const ticket = text || gateway.token;
    expect((await attacker.shake({ auth: { ticket } })).outcome).toBe('auth.ticket_invalid');
    const path = `/ws/${run.id}?ticket=${encodeURIComponent(ticket)}`;
    expect(await attacker.upgrade(path, {})).toEqual([401, 'auth.ticket_invalid']);
  });

  it.each<[string, Record<string, unknown>]>([
    ['of a wrong type', { ticket: 1 }],
    ['among others', { ticket: 'A'.repeat(43), token: 'x' }],
    ['called otherwise', { token: 'x' }],
    ['in a prototype', JSON.parse('{"__proto__": {"ticket": "x"}}')],
  ])('%s is refused', async (_what, auth) => {
    expect((await attacker.shake({ auth })).outcome).toBe('input.invalid');
  });

  it('of a person who has signed out since opens nothing', async () => {
    const member = await gateway.person('left.early@example.org', 'viewer');
    const ticket = await gateway.ticket(member.token);
    await gateway.call('POST', '/api/auth/logout', { token: member.token });
    expect((await attacker.shake({ auth: { ticket } })).outcome).toBe('auth.ticket_invalid');
  });
});

describe('a session cookie', () => {
  const cookie = async (): Promise<string> => {
    const { headers } = await gateway.call('POST', '/api/auth/login', { body: { ...ADMIN, client: 'console' } });
    const cookies = headers.getSetCookie().map((one) => one.split(';', 1)[0]);
    return cookies.join('; ');
  };

  it('alone opens no socket, from our page or another', async () => {
    const held = await cookie();
    expect(held).toContain('spectrace_session');
    expect(await attacker.get('/api/auth/me', { cookie: held })).toEqual([200, '']);
    const requests: Record<string, string>[] = [{ cookie: held }, { cookie: held, origin: gateway.url }];
    for (const headers of requests) {
      expect(await attacker.upgrade(`/ws/${run.id}`, headers)).toEqual([401, 'auth.required']);
      for (const transport of ['polling', 'websocket']) {
        expect((await attacker.shake({ extraHeaders: headers, transports: [transport] })).outcome).toBe(
          'auth.required',
        );
      }
    }
    expect(await attacker.upgrade(`/ws/${run.id}`, { cookie: held, origin: PAGE_OF_OTHERS })).toEqual([
      403,
      'auth.csrf',
    ]);
  });
});

describe('a page of somebody else', () => {
  it.each<Record<string, string>>([{ origin: PAGE_OF_OTHERS }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }])(
    '%j opens no socket, whatever it brings',
    async (from) => {
      const headers = { ...attacker.bearer(), ...from };
      expect(await attacker.upgrade(`/ws/${run.id}`, headers)).toEqual([403, 'auth.csrf']);
      expect(await attacker.upgrade('/socket.io/?EIO=4&transport=websocket', headers)).toEqual([403, 'auth.csrf']);
      expect(await attacker.get('/socket.io/?EIO=4&transport=polling', headers)).toEqual([403, 'auth.csrf']);
    },
  );

  it('neither polls nor sends by a connection of ours, though it knew its id', async () => {
    const { socket } = await attacker.shake({ extraHeaders: attacker.bearer(), transports: ['polling'] });
    const path = `/socket.io/?EIO=4&transport=polling&sid=${socket.io.engine.id}`;
    expect(await attacker.get(path, { origin: PAGE_OF_OTHERS })).toEqual([403, 'auth.csrf']);
    const { status } = await gateway.call('POST', path, {
      headers: { origin: PAGE_OF_OTHERS, 'content-type': 'text/plain' },
      raw: '42["join_team"]',
    });
    expect([status, socket.connected]).toEqual([403, true]);
  });
});

describe("another team's", () => {
  it('execution is answered like one that is not there, on every channel', async () => {
    const theirs = gateway.newRun(otherTeam);
    theirs.grow(1);
    const foreign = await gateway.person('neighbour@example.org', 'operator', otherTeam);
    const seen = async (id: string): Promise<unknown[]> => {
      const { socket } = await attacker.shake({ extraHeaders: attacker.bearer(foreign.token) });
      return [
        await attacker.upgrade(`/ws/${id}`, attacker.bearer(foreign.token)),
        await attacker.get(`/api/executions/${id}/stream`, attacker.bearer(foreign.token)),
        await socket.emitWithAck('join_execution', id),
      ];
    };
    const refused = await seen(run.id);
    expect(refused).toEqual(await seen(uuidv7()));
    expect(refused).toEqual([
      [404, 'execution.not_found'],
      [404, 'execution.not_found'],
      { ok: false, code: 'execution.not_found', message: expect.any(String) },
    ]);
  });

  it('room is answered like one that is not there', async () => {
    const { socket } = await attacker.connected();
    const theirs = await socket.emitWithAck('join_team', otherTeam);
    expect(theirs).toMatchObject({ ok: false, code: 'team.not_found' });
    expect(await socket.emitWithAck('join_team', uuidv7())).toEqual(theirs);
  });

  it('header lets nobody in who is not a member', async () => {
    const ours = await gateway.person('homebody@example.org', 'viewer');
    const extraHeaders = { ...attacker.bearer(ours.token), 'x-team-id': otherTeam };
    expect((await attacker.shake({ extraHeaders })).outcome).toBe('team.not_found');
    expect((await attacker.shake({ extraHeaders: { ...extraHeaders, 'x-team-id': 'x' } })).outcome).toBe(
      'input.invalid',
    );
    expect((await attacker.shake({ extraHeaders: attacker.bearer(), auth: { ticket: 'A'.repeat(43) } })).outcome).toBe(
      'input.invalid',
    );
  });
});

describe('one person', () => {
  it('has at most a hundred connections, over all channels together', async () => {
    const member = await gateway.person('everywhere@example.org', 'viewer');
    const target = { url: gateway.url, token: member.token, execution: run.id };
    const readers: Reader[] = [];
    const channels = ['ws', 'sse', 'socket.io websocket', 'socket.io polling'] as const;
    for (let n = 0; n < 100; n += 1) readers.push(openReader(channels[n % 4]!, target));
    attacker.keep({ close: () => readers.forEach((reader) => reader.drop()) });
    await until('all to read', () => readers.every(({ frames }) => frames.length === 3));
    expect(await attacker.upgrade(`/ws/${run.id}`, attacker.bearer(member.token))).toEqual([429, 'live.too_many']);
    expect(await attacker.get(`/api/executions/${run.id}/stream`, attacker.bearer(member.token))).toEqual([
      429,
      'live.too_many',
    ]);
    expect((await attacker.shake({ extraHeaders: attacker.bearer(member.token) })).outcome).toBe('live.too_many');
    expect((await attacker.shake({ extraHeaders: attacker.bearer() })).outcome).toBe('connected');
    for (const reader of readers.splice(0, 4)) reader.drop();
    await until('a place on each channel to be free', async () => {
      const counts = await Promise.all(['ws', 'socket_io', 'sse'].map((channel) => gateway.openSockets(channel)));
      return counts.reduce((sum, count) => sum + count, 0) <= 97;
    });
    expect(await attacker.upgrade(`/ws/${run.id}`, attacker.bearer(member.token))).toEqual([101, '']);
  });
});

describe('an address', () => {
  it('may fail sixty handshakes a minute, and keeps out nobody who may come in', async () => {
    const from = { 'x-forwarded-for': '198.51.100.7' };
    const outcomes: Outcome[] = [];
    for (let n = 0; n < 58; n += 1)
      outcomes.push(await attacker.upgrade(`/ws/${run.id}`, { ...attacker.bearer('e30.e30.e30'), ...from }));
    expect(new Set(outcomes.map(String))).toEqual(new Set(['401,auth.token_invalid']));
    const forged = { auth: { ticket: 'A'.repeat(43) }, extraHeaders: from };
    expect((await attacker.shake(forged)).outcome).toBe('auth.ticket_invalid');
    expect(await attacker.get('/socket.io/?EIO=4&transport=polling&token=x', from)).toEqual([400, 'auth.token_in_url']);
    expect((await attacker.shake(forged)).outcome).toBe('request.too_many');
    expect(await attacker.upgrade(`/ws/${run.id}`, { ...attacker.bearer('e30.e30.e30'), ...from })).toEqual([
      429,
      'request.too_many',
    ]);
    expect(await attacker.upgrade(`/ws/${run.id}`, { ...attacker.bearer(), ...from })).toEqual([101, '']);
    expect(await attacker.upgrade(`/ws/${run.id}`, attacker.bearer('e30.e30.e30'))).toEqual([
      401,
      'auth.token_invalid',
    ]);
  });
});
