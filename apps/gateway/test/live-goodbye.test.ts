import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '#testing';
import { WebSocket } from 'ws';
import { type LiveGateway, openLiveGateway } from './live.fixture.js';
import { CHANNELS, openReader, type Reader } from './live-readers.fixture.js';

let gateway: LiveGateway;
let stopped = false;
const stop = async (): Promise<number> => {
  const began = performance.now();
  stopped = true;
  await gateway.service.close();
  return performance.now() - began;
};
afterEach(async () => {
  if (!stopped) await gateway.service.close();
  await gateway.nats.close();
  await gateway.platform.close();
});

describe('a gateway that stops', () => {
  it('says on every channel to come back, and does not wait for who sleeps', async () => {
    gateway = await openLiveGateway();
    const run = gateway.newRun();
    run.grow(1);
    const target = { url: gateway.url, token: gateway.token, execution: run.id };
    const readers = CHANNELS.map((channel) => openReader(channel, target));
    const sleepers = CHANNELS.filter((channel) => channel !== 'socket.io polling').map((one) =>
      openReader(one, target),
    );
    const all = [...readers, ...sleepers];
    await until('all to read', () => all.every(({ frames }) => frames.length === 1));
    for (const sleeper of sleepers) sleeper.sleep();
    run.grow(4_000, { shown: false, note: 'x'.repeat(10_000) });
    await until('the sleepers to be full', async () => {
      const waiting = await Promise.all(['ws', 'socket_io', 'sse'].map((channel) => gateway.waiting(channel)));
      return waiting.every((bytes) => bytes > 1_048_576);
    });
    const silent = await strangers();

    expect(await stop()).toBeLessThan(5_000);

    const reasonOf = (reader: Reader) => reader.closed();
    await until('the goodbyes', () => readers.every((reader) => reasonOf(reader) !== null));
    expect(readers.map(reasonOf)).toEqual(readers.map(() => 'service.stopping'));
    for (const sleeper of sleepers) sleeper.drop();
    await until('the strangers to be gone', () => silent.every((socket) => socket.readyState === WebSocket.CLOSED));
  });

  /** Connections that say nothing, and answer nothing. */
  const strangers = async (): Promise<WebSocket[]> => {
    const url = `${gateway.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const sockets = [1, 2].map(() => new WebSocket(url));
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      await until('a stranger to open', () => socket.readyState === WebSocket.OPEN);
    }
    return sockets;
  };
});
