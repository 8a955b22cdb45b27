import type { Server, Socket } from 'node:net';
import { networkOf } from './client-network.rules.js';

/**
 * Closes connections of a client beyond `most` as soon as they are there, before a byte of them is read. Proxies that
 * are trusted stand for many clients and are not counted.
 */
export const capConnections = (server: Server, most: number, isProxy: (address: string) => boolean): void => {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return void socket.destroy();
    if (isProxy(remoteAddress)) return;
    const client = networkOf(remoteAddress);
    const count = open.get(client) ?? 0;
    if (count >= most) return void socket.destroy();
    open.set(client, count + 1);
    socket.once('close', () => {
      const left = open.get(client)! - 1;
      if (left === 0) open.delete(client);
      else open.set(client, left);
    });
  });
};
