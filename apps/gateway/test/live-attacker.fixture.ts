import { until } from '#testing';
import type { Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import type { LiveGateway } from './live.fixture.js';
import { socketIo } from './live-readers.fixture.js';

export type Outcome = [status: number, code: string];

/** Somebody who tries to come in, each time from an address of their own, so that none is refused for another's failures. */
export class Attacker {
  private readonly open: { close(): unknown }[] = [];
  private visits = 0;

  /** @param gateway that trusts 127.0.0.1 as a proxy */
  constructor(private readonly gateway: LiveGateway) {}

  bearer = (token = this.gateway.token): Record<string, string> => ({ authorization: `Bearer ${token}` });

  /** How an upgrade ended: `[101, '']` when it was let in. */
  upgrade(path: string, headers: Record<string, string>): Promise<Outcome> {
    return new Promise((resolve) => {
      const socket = new WebSocket(this.gateway.url.replace('http', 'ws') + path, {
        headers: this.asSomebody(headers),
      });
      this.keep({ close: () => socket.terminate() });
      socket.on('error', () => undefined);
      socket.on('open', () => resolve([101, '']));
      socket.on('unexpected-response', (_request, response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => resolve([response.statusCode!, JSON.parse(text).code]));
      });
    });
  }

  async get(path: string, headers: Record<string, string>): Promise<Outcome> {
    const { status, body } = await this.gateway.call('GET', path, { headers: this.asSomebody(headers) });
    return [status, body?.code ?? ''];
  }

  /** How a Socket.IO handshake ended: a code, or `connected`. */
  async shake(options: Parameters<typeof socketIo>[1]): Promise<{ socket: Socket; outcome: string }> {
    const { extraHeaders, ...rest } = options;
    const socket = socketIo(this.gateway.url, { extraHeaders: this.asSomebody(extraHeaders ?? {}), ...rest });
    this.keep({ close: () => socket.disconnect() });
    let outcome = '';
    socket.on('connect', () => (outcome = 'connected'));
    socket.on(
      'connect_error',
      (error: Error & { data?: { code: string } }) => (outcome = error.data?.code ?? 'refused'),
    );
    await until('the handshake to end', () => outcome !== '');
    return { socket, outcome };
  }

  /** A connected Socket.IO client, and what it hears of errors. */
  async connected(): Promise<{ socket: Socket; errors: string[] }> {
    const { socket } = await this.shake({ extraHeaders: this.bearer(), transports: ['websocket'] });
    const errors: string[] = [];
    socket.on('error', ({ code }: { code: string }) => errors.push(code));
    return { socket, errors };
  }

  /** Has it closed with the others. */
  keep(one: { close(): unknown }): void {
    this.open.push(one);
  }

  closeAll(): void {
    for (const one of this.open.splice(0)) one.close();
  }

  private asSomebody(headers: Record<string, string>): Record<string, string> {
    this.visits += 1;
    return { 'x-forwarded-for': `203.0.113.${this.visits}`, ...headers };
  }
}
