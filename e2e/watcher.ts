import type { executor } from '#contracts';
import { until } from '#testing';
import { WebSocket } from 'ws';

const FRAME_MS = 60_000;

/** A client of `/ws/{execution_id}` that keeps everything it hears. */
export class Watcher {
  readonly frames: executor.Frame[] = [];
  /** Close code, once the socket is closed; 1006 when it was cut. */
  closed: number | null = null;
  /** How the upgrade was refused: status and problem. */
  refused: { status: number; code: string } | null = null;
  private readonly socket: WebSocket;

  constructor(url: string, path: string, token: string | null) {
    this.socket = new WebSocket(url.replace('http', 'ws') + path, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
    this.socket.on('message', (data) => this.frames.push(JSON.parse(String(data))));
    this.socket.on('close', (code) => (this.closed = code));
    this.socket.on('error', () => undefined);
    this.socket.on('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => (this.refused = { status: response.statusCode!, code: JSON.parse(text).code }));
    });
  }

  get seqs(): number[] {
    return this.frames.map(({ seq }) => seq);
  }

  opened(): Promise<unknown> {
    return until('the socket to open', () => this.socket.readyState === WebSocket.OPEN);
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Cuts the connection without a goodbye. */
  drop(): void {
    this.socket.terminate();
  }

  /** The first frame that fits, past or to come. */
  frame(what: string, fits: (frame: executor.Frame) => boolean, deadlineMs = FRAME_MS): Promise<executor.Frame> {
    return until(`frame: ${what}`, () => this.frames.find(fits), deadlineMs);
  }

  /** The close code. */
  async end(deadlineMs = FRAME_MS): Promise<number> {
    await until('the socket to close', () => this.closed !== null, deadlineMs);
    return this.closed!;
  }

  /** The problem that a refused upgrade was answered with. */
  refusal(): Promise<{ status: number; code: string }> {
    return until('the upgrade to be refused', () => {
      if (this.socket.readyState === WebSocket.OPEN) throw new Error('it opened');
      return this.refused;
    });
  }
}

/** `[1, 2, … last]`, or from `after` + 1. */
export const upTo = (last: number, after = 0): number[] =>
  Array.from({ length: last - after }, (_, n) => after + 1 + n);
