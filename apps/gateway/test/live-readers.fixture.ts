import type { executor } from '#contracts';
import { until } from '#testing';
import { Agent, request, type IncomingMessage } from 'node:http';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { WebSocket } from 'ws';

export const CHANNELS = ['ws', 'socket.io websocket', 'socket.io polling', 'sse'] as const;
export type ReaderChannel = (typeof CHANNELS)[number];

/** What a reader follows, and as whom. */
export interface Target {
  /** `http://host:port` of the gateway. */
  url: string;
  /** Access token, or API key. */
  token?: string;
  key?: string;
  execution: string;
  /** Frames after this number; default 0. */
  after?: number;
}

const headersOf = ({ token, key }: Pick<Target, 'token' | 'key'>): Record<string, string> =>
  key === undefined ? { authorization: `Bearer ${token}` } : { 'x-api-key': key };

/** One client that follows one execution and keeps everything it hears. */
export interface Reader {
  readonly frames: executor.Frame[];
  /** Why it was closed, by name; null while it is open. `cut` without a word. */
  closed(): string | null;
  /** Reads nothing from its connection until `wake`. */
  sleep(): void;
  wake(): void;
  /** Cuts the connection without a goodbye. */
  drop(): void;
}

class WsReader implements Reader {
  readonly frames: executor.Frame[] = [];
  private reason: string | null = null;
  private readonly socket: WebSocket;

  constructor({ url, execution, after = 0, ...who }: Target) {
    const headers = headersOf(who);
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/ws/${execution}?after=${after}`, { headers });
    this.socket.on('message', (data) => this.frames.push(JSON.parse(String(data))));
    this.socket.on('close', (_code, reason) => (this.reason = String(reason) || 'cut'));
    this.socket.on('error', () => undefined);
  }

  closed = (): string | null => this.reason;
  sleep = (): void => this.socket.pause();
  wake = (): void => this.socket.resume();
  drop = (): void => this.socket.terminate();
}

type ClientOptions = Partial<ManagerOptions & SocketOptions>;

/** A Socket.IO client that never comes back by itself. */
export const socketIo = (url: string, options: ClientOptions): Socket =>
  io(url, { forceNew: true, reconnection: false, ...options });

class SocketIoReader implements Reader {
  readonly frames: executor.Frame[] = [];
  private reason: string | null = null;
  private readonly agent = new Agent();
  private readonly socket: Socket;

  constructor({ url, execution, after = 0, ...who }: Target, transport: 'websocket' | 'polling') {
    const extraHeaders = headersOf(who);
    this.socket = socketIo(url, { transports: [transport], extraHeaders, agent: this.agent as never });
    for (const type of ['status_update', 'step_update', 'risk_update', 'completion']) {
      this.socket.on(type, (frame: executor.Frame) => this.hear(frame));
    }
    this.socket.on('error', ({ code }: { code: string }) => (this.reason = code));
    this.socket.on('disconnect', () => (this.reason ??= 'cut'));
    this.socket.on('connect_error', (error) => (this.reason = error.message));
    this.socket.on('connect', () => this.socket.emit('join_execution', { execution_id: execution, after }));
  }

  closed = (): string | null => this.reason;
  sleep = (): void => this.raw()!.pause();
  wake = (): void => this.raw()!.resume();
  drop = (): void => {
    this.reason ??= 'cut';
    this.raw()?.terminate();
    this.agent.destroy();
  };

  private hear(frame: executor.Frame): void {
    if (this.reason !== null) return; // what was under way when it was cut
    this.frames.push(frame);
    if (frame.type === 'completion') {
      this.reason = 'live.completed';
      this.socket.disconnect();
    }
  }

  /** The WebSocket, which left the agent when it was opened; undefined for polling. */
  private raw(): WebSocket | undefined {
    return (this.socket.io.engine?.transport as { ws?: WebSocket } | undefined)?.ws;
  }
}

class SseReader implements Reader {
  readonly frames: executor.Frame[] = [];
  private reason: string | null = null;
  private text = '';
  private response: IncomingMessage | null = null;
  private readonly request;

  constructor({ url, execution, after = 0, ...who }: Target) {
    const headers = { ...headersOf(who), 'last-event-id': String(after), accept: 'text/event-stream' };
    this.request = request(`${url}/api/executions/${execution}/stream`, { headers, agent: false });
    this.request.on('error', () => (this.reason ??= 'cut'));
    this.request.on('response', (response) => {
      this.response = response;
      if (response.statusCode !== 200) this.reason = String(response.statusCode);
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => this.take(chunk));
      response.on('error', () => undefined);
      response.on('close', () => (this.reason ??= 'cut'));
    });
    this.request.end();
  }

  closed = (): string | null => this.reason;
  sleep = (): void => void this.response!.pause();
  wake = (): void => void this.response!.resume();
  drop = (): void => void this.request.destroy();

  private take(chunk: string): void {
    const events = (this.text + chunk).split('\n\n');
    this.text = events.pop()!;
    for (const event of events) {
      const fields = new Map(event.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
      const data = fields.get('data');
      if (data === undefined) continue;
      if (fields.has('id')) this.frames.push(JSON.parse(data));
      else this.reason = JSON.parse(data).code;
    }
  }
}

export const openReader = (channel: ReaderChannel, target: Target): Reader => {
  switch (channel) {
    case 'ws':
      return new WsReader(target);
    case 'socket.io websocket':
      return new SocketIoReader(target, 'websocket');
    case 'socket.io polling':
      return new SocketIoReader(target, 'polling');
    case 'sse':
      return new SseReader(target);
  }
};

/**
 * Follows an execution to its end and cuts the connection again and again, each time resuming after the last number it
 * has. Without gaps and doubles the answer is 1, 2, … last.
 * @param patience how many frames to take before the next cut, at least 1; null: no more cuts
 */
export const readWithCuts = async (
  channel: ReaderChannel,
  target: Target,
  patience: () => number | null,
): Promise<number[]> => {
  const seqs: number[] = [];
  for (;;) {
    const take = patience();
    const reader = openReader(channel, { ...target, after: seqs.at(-1) ?? target.after ?? 0 });
    const enough = (): boolean => take !== null && reader.frames.length >= take;
    await until(`frames of ${channel}`, () => enough() || reader.closed() !== null, 60_000, 2);
    reader.drop();
    const heard = reader.frames.splice(0);
    seqs.push(...heard.map(({ seq }) => seq));
    if (reader.closed() === 'live.completed' || reader.closed() === '204') return seqs;
    if (heard.length === 0 && reader.closed() !== 'cut') throw new Error(`${channel}: ${reader.closed()}`);
  }
};
