import { on } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type RawData, WebSocket } from 'ws';
import { type ApiError, apiErrorOf } from './api-error.js';
import { retryAfterOf } from './retry.rules.js';
import type { Frame } from './types.js';

const HANDSHAKE_MS = 10_000;
/** The server pings every 20 s; a socket that is silent for longer than this is dead without knowing it. */
const SILENCE_MS = 50_000;
/** Frames that may wait for a slow reader before the socket is no longer read. */
const MAX_WAITING = 256;
const RESUME_AT = 64;
const MAX_FRAME_BYTES = 16_777_216;
const MAX_PROBLEM_CHARS = 65_536;

/** One socket that follows one execution, until it closes for whatever reason; the reason is kept. */
export class LiveConnection {
  /** Close code; null while open, or when it never opened. */
  closed: number | null = null;
  /** Why the handshake was refused. */
  refusal: ApiError | null = null;
  /** Any other reason. */
  failure: Error | null = null;

  private readonly socket: WebSocket;
  private readonly messages: AsyncIterableIterator<[RawData]>;
  private silence: NodeJS.Timeout | undefined;

  constructor(url: string, headers: Record<string, string>, signal?: AbortSignal) {
    this.socket = new WebSocket(url, {
      headers,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.socket.on('error', (error) => (this.failure ??= error));
    this.socket.on('close', (code) => (this.closed = code));
    this.socket.on('unexpected-response', (_request, response) => this.refused(response));
    for (const sign of ['open', 'ping', 'message']) this.socket.on(sign, () => this.alive());
    this.messages = on(this.socket, 'message', {
      close: ['close'],
      signal,
      highWaterMark: MAX_WAITING,
      lowWaterMark: RESUME_AT,
    }) as AsyncIterableIterator<[RawData]>;
  }

  /** What the server sends, until the socket is gone; throws only when the watch was aborted. */
  async *frames(): AsyncGenerator<Frame, void> {
    try {
      for await (const [data] of this.messages) {
        const message = JSON.parse(String(data)) as Frame | { type: 'error' };
        if (message.type !== 'error') yield message;
      }
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error;
      this.failure ??= error as Error;
    }
  }

  close(): void {
    clearTimeout(this.silence);
    this.socket.terminate();
  }

  private alive(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.socket.terminate(), SILENCE_MS);
  }

  private refused(response: IncomingMessage): void {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (text = (text + chunk).slice(0, MAX_PROBLEM_CHARS)));
    response.on('close', () => {
      const retryAfterMs = retryAfterOf(response.headers['retry-after'], Date.parse, Date.now());
      this.refusal = apiErrorOf(response.statusCode ?? 0, text, retryAfterMs === null ? null : retryAfterMs / 1_000);
      this.socket.terminate();
    });
  }
}
