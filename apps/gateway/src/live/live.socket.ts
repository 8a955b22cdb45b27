import type { CallContext, executor } from '#contracts';
import { type AppError, isAppError, parseStrictJson } from '#kernel';
import type { Bus } from '#messaging';
import type { WebSocket } from 'ws';
import { type FrameSink, JournalFollower } from './journal-follower.js';
import { resumeOf, type Watch } from './live.rules.js';

/** Bytes that may wait for a slow reader before frames stop, and how few are left when they go on. */
const FULL_BYTES = 1_048_576;
const EMPTY_BYTES = 262_144;
const HEARTBEAT_MS = 20_000;

/** Close codes beyond RFC 6455. */
export const CLOSED = { completed: 1000, stopping: 1001, tokenExpired: 4401, accessLost: 4403 } as const;

/** What a socket needs from its server. */
export interface Admission {
  ctx: CallContext;
  /** Milliseconds until the token ends. */
  tokenMs: number;
  /** Throws when the caller may not watch any more. */
  recheck: () => Promise<unknown>;
}

/** One client that follows one execution. */
export class LiveSocket implements FrameSink {
  private readonly follower: JournalFollower;
  private readonly heartbeat: NodeJS.Timeout;
  private readonly expiry: NodeJS.Timeout;
  private alive = true;
  private paused = false;

  constructor(
    private readonly socket: WebSocket,
    bus: Bus,
    private readonly admission: Admission,
    watch: Watch,
    private readonly warn: (error: unknown) => void,
  ) {
    this.follower = new JournalFollower(bus, admission.ctx, watch.execution_id, watch.after, this);
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.expiry = setTimeout(() => this.close(CLOSED.tokenExpired, 'the access token has expired'), admission.tokenMs);
    socket.on('message', (data, binary) => this.hear(binary ? null : String(data)));
    socket.on('pong', () => (this.alive = true));
    socket.on('error', warn);
    socket.on('close', () => this.stop());
    this.follower.start();
  }

  send(frame: executor.Frame): boolean {
    this.socket.send(JSON.stringify(frame), () => this.flushed());
    this.paused = this.socket.bufferedAmount > FULL_BYTES;
    return !this.paused;
  }

  ended(): void {
    this.close(CLOSED.completed, 'completed');
  }

  failed(error: unknown): void {
    const lost = isAppError(error) && (error.code.startsWith('auth.') || error.code === 'team.not_found');
    if (lost) this.close(CLOSED.accessLost, 'access to this execution has ended');
    else this.warn(error);
  }

  async admitted(): Promise<void> {
    await this.admission.recheck();
  }

  close(code: number, reason: string): void {
    this.stop();
    this.socket.close(code, reason);
  }

  private flushed(): void {
    if (!this.paused || this.socket.bufferedAmount > EMPTY_BYTES) return;
    this.paused = false;
    this.follower.drained();
  }

  private hear(text: string | null): void {
    try {
      const resume = text === null ? null : resumeOf(parseStrictJson(text));
      if (resume) return this.follower.resume(resume.after);
      this.complain('message.unknown', 'Send {"type": "resume", "after": <sequence number>} and nothing else.');
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.complain(error.code, error.message);
    }
  }

  /** A client that does not read gets no complaints either. */
  private complain(code: AppError['code'], message: string): void {
    if (this.socket.bufferedAmount > FULL_BYTES) return;
    this.socket.send(JSON.stringify({ type: 'error', code, message }));
  }

  private beat(): void {
    if (!this.alive) return this.socket.terminate();
    this.alive = false;
    this.socket.ping();
  }

  private stop(): void {
    clearInterval(this.heartbeat);
    clearTimeout(this.expiry);
    this.follower.stop();
  }
}
