import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Chance, until } from '#testing';
import { Connection, Connections } from '../src/live/connections.js';
import { type LiveGateway, openLiveGateway, type Run, upTo } from './live.fixture.js';
import {
  CHANNELS,
  openReader,
  type Reader,
  type ReaderChannel,
  readWithCuts,
  type Target,
} from './live-readers.fixture.js';

let gateway: LiveGateway;
beforeAll(async () => {
  gateway = await openLiveGateway();
});
afterAll(() => gateway.close());

const targetOf = (run: Run, token = gateway.token): Target => ({ url: gateway.url, token, execution: run.id });
const seqsOf = ({ frames }: Reader): number[] => frames.map(({ seq }) => seq);
/** Forty megabytes take a while on a busy machine. */
const PATIENCE_MS = 60_000;
jest.setTimeout(2 * PATIENCE_MS);

const ended = (reader: Reader): Promise<unknown> => until('its end', () => reader.closed() !== null, PATIENCE_MS);
const METRIC = { ws: 'ws', 'socket.io websocket': 'socket_io', 'socket.io polling': 'socket_io', sse: 'sse' };

describe.each(CHANNELS)('a reader by %s', (channel) => {
  it('gets the past, then the present, each frame once, and ends with the run', async () => {
    const run = gateway.newRun();
    run.grow(450, { shown: false });
    const reader = openReader(channel, targetOf(run));
    await until('the past', () => reader.frames.length === 450);
    run.grow(50);
    run.complete();
    await ended(reader);
    expect(seqsOf(reader)).toEqual(upTo(501));
    expect(reader.frames).toEqual(run.frames);
    expect(reader.closed()).toBe('live.completed');
  });

  it('loses nothing when live frames are lost, doubled and out of order', async () => {
    const run = gateway.newRun();
    run.grow(1);
    const reader = openReader(channel, targetOf(run));
    await until('the first', () => reader.frames.length === 1);
    run.grow(20, { shown: false });
    for (const seq of [4, 2, 3, 3, 20, 8, 21, 2]) run.show(seq);
    run.complete(false);
    await ended(reader);
    expect(seqsOf(reader)).toEqual(upTo(22));
  });

  it('that is cut off again and again has no gap and no double', async () => {
    const run = gateway.newRun();
    run.grow(5);
    const chance = new Chance(20_261_101);
    const next = (below: number): number => Math.floor(chance.between(0, below));
    let cuts = 0;
    const seqs = await readWithCuts(channel, targetOf(run), () => {
      for (let n = 5 + next(20); n > 0; n -= 1) run.grow(1, { shown: next(4) > 0 });
      cuts += 1;
      if (cuts < 25) return 1 + next(5);
      run.complete();
      return null;
    });
    expect(seqs).toEqual(upTo(run.frames.length));
    expect(cuts).toBe(25);
  });

  it('is sent away when its membership ends', async () => {
    const run = gateway.newRun();
    const member = await gateway.person(`${channel.replace(' ', '-')}.watcher@example.org`, 'viewer');
    run.grow(1);
    const reader = openReader(channel, targetOf(run, member.token));
    await until('a frame', () => reader.frames.length === 1);
    await gateway.call('DELETE', `/api/teams/${gateway.team}/members/${member.id}`, { token: gateway.token });
    await ended(reader);
    expect(reader.closed()).toBe('team.not_found');
  });

  it('is sent away when it signs out', async () => {
    const run = gateway.newRun();
    const member = await gateway.person(`${channel.replace(' ', '-')}.leaver@example.org`, 'viewer');
    run.grow(1);
    const reader = openReader(channel, targetOf(run, member.token));
    await until('a frame', () => reader.frames.length === 1);
    expect((await gateway.call('POST', '/api/auth/logout', { token: member.token })).status).toBe(204);
    await ended(reader);
    expect(reader.closed()).toBe('auth.session_ended');
  });
});

const sleepers = CHANNELS.filter((channel) => channel !== 'socket.io polling');

describe.each(sleepers)('a reader by %s that sleeps', (channel) => {
  const MANY = 4_000;
  const NOTE = 'x'.repeat(10_000);
  const BOUND = 1_048_576 + 20 * NOTE.length;

  const asleep = async (run: Run): Promise<Reader> => {
    run.grow(1);
    const reader = openReader(channel, targetOf(run));
    await until('the first frame', () => reader.frames.length === 1);
    reader.sleep();
    return reader;
  };
  const waiting = (): Promise<number> => gateway.waiting(METRIC[channel]);

  it('costs a bounded amount of memory, is not read for, and misses nothing when it wakes', async () => {
    const run = gateway.newRun();
    const reader = await asleep(run);
    run.grow(MANY, { shown: false, note: NOTE });
    await until('its buffer to be full', async () => (await waiting()) > 1_048_576, PATIENCE_MS);
    const read = gateway.readUpTo(run);
    for (let n = 0; n < 20; n += 1) {
      run.grow(20, { note: NOTE });
      expect(await waiting()).toBeLessThan(BOUND);
    }
    expect(read).toBeLessThan(MANY);
    expect(gateway.readUpTo(run)).toBeLessThan(MANY);
    run.complete();
    reader.wake();
    await ended(reader);
    expect(seqsOf(reader)).toEqual(upTo(run.frames.length));
    expect(await waiting()).toBe(0);
  });

  it('for too long is sent away, and told to resume', async () => {
    const connections = gateway.service.app.get(Connections, { strict: false });
    const patienceMs = connections.patienceMs;
    Object.assign(connections, { patienceMs: 300 });
    const run = gateway.newRun();
    const reader = await asleep(run);
    Object.assign(connections, { patienceMs });
    run.grow(MANY, { shown: false, note: NOTE });
    const goodbye = jest.spyOn(Connection.prototype, 'close');
    await until('the goodbye', () => goodbye.mock.calls.some(([{ code }]) => code === 'live.slow_reader'), PATIENCE_MS);
    goodbye.mockRestore();
    expect(await waiting()).toBeLessThan(BOUND);
    reader.wake();
    await ended(reader);
    expect(reader.closed()).toBe('live.slow_reader');
    const seqs = seqsOf(reader);
    expect(seqs).toEqual(upTo(seqs.length));
    run.complete();
    const after = seqs.length;
    const rest = openReader(channel as ReaderChannel, { ...targetOf(run), after });
    await ended(rest);
    expect(seqsOf(rest)).toEqual(upTo(run.frames.length, after));
  });
});
