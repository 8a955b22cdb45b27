import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { until } from '#testing';
import { get } from 'node:http';
import { WebSocket } from 'ws';
import { EngineOutlet } from '../src/live/socket-io.outlet.js';
import { type LiveGateway, openLiveGateway, type Run } from './live.fixture.js';
import { Attacker } from './live-attacker.fixture.js';
import { socketIo } from './live-readers.fixture.js';

let gateway: LiveGateway;
let attacker: Attacker;
let run: Run;

beforeAll(async () => {
  gateway = await openLiveGateway({ TRUST_PROXY: '127.0.0.1' });
  attacker = new Attacker(gateway);
  run = gateway.newRun();
  run.grow(3);
});
afterEach(() => attacker.closeAll());
afterAll(() => gateway.close());

describe('a Socket.IO client that sends', () => {
  it.each<[string, unknown[], string]>([
    ['an unknown event', ['leave_team'], 'message.unknown'],
    ['an event called error', ['error', 'boom'], 'message.unknown'],
    ['a number for an event', [7, 'boom'], 'message.unknown'],
    ['constructor', ['constructor'], 'message.unknown'],
    ['no id', ['join_execution'], 'input.invalid'],
    ['two ids', ['join_execution', uuidv7(), uuidv7()], 'input.invalid'],
    ['an id that is none', ['join_execution', '../..'], 'input.invalid'],
    ['a list', ['join_execution', [uuidv7()]], 'input.invalid'],
    ['null', ['join_execution', null], 'input.invalid'],
    ['bytes', ['join_execution', Buffer.from('0190a000')], 'input.invalid'],
    ['a negative position', ['join_execution', { execution_id: uuidv7(), after: -1 }], 'input.invalid'],
    ['a text for a position', ['join_execution', { execution_id: uuidv7(), after: '1' }], 'input.invalid'],
    ['more than it should', ['join_execution', { execution_id: uuidv7(), team: 'x' }], 'input.invalid'],
    ['__proto__', ['join_execution', JSON.parse('{"__proto__": {"execution_id": "x"}}')], 'input.invalid'],
    ['constructor keys', ['join_execution', JSON.parse('{"constructor": {"prototype": {"x": 1}}}')], 'input.invalid'],
    ['a room that is none', ['join_team', { room: 'all' }], 'input.invalid'],
    ['nothing to leave', ['leave_execution', {}], 'input.invalid'],
  ])('%s gets an error and stays', async (_what, [event, ...args], code) => {
    const { socket, errors } = await attacker.connected();
    socket.emit(event as string, ...args);
    await until('the error', () => errors.length > 0);
    expect([errors, socket.connected]).toEqual([[code], true]);
    expect(await socket.emitWithAck('join_execution', run.id)).toEqual({ ok: true, last_seq: 3 });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('what is longer than 4 KiB is cut off', async () => {
    for (const transports of [['websocket'], ['polling']]) {
      const { socket } = await attacker.shake({ extraHeaders: attacker.bearer(), transports });
      socket.emit('join_execution', 'x'.repeat(5_000));
      await until('the end', () => !socket.connected);
    }
  });

  it('no packet of Socket.IO is cut off', async () => {
    const { socket } = await attacker.connected();
    socket.io.engine.write('{"not": "a packet"}');
    await until('the end', () => !socket.connected);
  });

  it('more than fifty messages in ten seconds is sent away by name', async () => {
    const { socket, errors } = await attacker.connected();
    for (let n = 0; n < 60; n += 1) socket.emit('leave_execution', run.id);
    await until('the end', () => !socket.connected);
    expect(errors).toContain('live.too_many_messages');
  });

  it('and names no other namespace, nor introduces itself twice', async () => {
    const socket = socketIo(`${gateway.url}/admin`, { extraHeaders: attacker.bearer() });
    attacker.keep({ close: () => socket.disconnect() });
    const refused: string[] = [];
    socket.on('connect_error', ({ message }) => refused.push(message));
    await until('the refusal', () => refused.length > 0);
    expect(refused).toEqual(['Invalid namespace']);
  });
});

describe('a WebSocket client that sends', () => {
  const watching = async (): Promise<{ socket: WebSocket; errors: string[]; closed: () => number | null }> => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/ws/${run.id}`, { headers: attacker.bearer() });
    attacker.keep({ close: () => socket.terminate() });
    const errors: string[] = [];
    let closed: number | null = null;
    socket.on('message', (data) => {
      const { type, code } = JSON.parse(String(data));
      if (type === 'error') errors.push(code);
    });
    socket.on('close', (code) => (closed = code));
    socket.on('error', () => undefined);
    await until('the socket to open', () => socket.readyState === WebSocket.OPEN);
    return { socket, errors, closed: () => closed };
  };

  it.each(['{"__proto__":{"type":"resume","after":0}}', '{"type":"resume","after":1e400}', '{"type":"constructor"}'])(
    '%s gets an error and stays',
    async (text) => {
      const { socket, errors } = await watching();
      socket.send(text);
      await until('the error', () => errors.length === 1);
      expect(socket.readyState).toBe(WebSocket.OPEN);
    },
  );

  it('more than fifty messages in ten seconds is sent away by name', async () => {
    const { socket, closed } = await watching();
    for (let n = 0; n < 60; n += 1) socket.send('{"type":"resume","after":3}');
    await until('the end', () => closed() !== null);
    expect(closed()).toBe(4429);
  });
});

describe('a client that polls and reads no answer', () => {
  it('is sent no more than fits, however often it polls', async () => {
    const big = gateway.newRun();
    big.grow(4_000, { shown: false, note: 'x'.repeat(10_000) });
    const engine = '/socket.io/?EIO=4&transport=polling';
    const opened = await gateway.call('GET', engine, { headers: attacker.bearer() });
    const line = `${engine}&sid=${JSON.parse(opened.body.slice(1)).sid}`;
    const say = (raw: string) => gateway.call('POST', line, { headers: { 'content-type': 'text/plain' }, raw });
    await say('40');
    await gateway.call('GET', line);
    await say(`42["join_execution","${big.id}"]`);
    await until('its buffer to be full', async () => (await gateway.waiting('socket_io')) > 1_048_576);
    const waiting = jest.spyOn(EngineOutlet.prototype, 'waiting');
    let answers = 0;
    const poll = (): void => {
      const request = get(gateway.url + line, { agent: false }, (answer) => {
        answer.pause();
        answers += 1;
        if (answers < 10) poll();
      });
      request.on('error', () => undefined);
      attacker.keep({ close: () => request.destroy() });
    };
    poll();
    await until('ten answers', () => answers === 10);
    const most = Math.max(...waiting.mock.results.map(({ value }) => value as number));
    waiting.mockRestore();
    expect(most).toBeGreaterThan(262_144);
    expect(most).toBeLessThan(1_048_576 + 400_000);
  });
});
