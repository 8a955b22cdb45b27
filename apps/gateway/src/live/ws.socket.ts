import { type executor } from '#contracts';
import { isAppError, parseStrictJson } from '#kernel';
import type { Bus } from '#messaging';
import type { WebSocket } from 'ws';
import { Backlog, FULL_BYTES } from './backlog.js';
import type { Connection, LiveReader } from './connections.js';
import { oncePerFrame } from './frame-text.js';
import { type FrameSink, JournalFollower } from './journal-follower.js';
import { type Closing, closeCodeOf, COMPLETED, isLost, resumeOf, SLOW, TALKATIVE, type Watch } from './live.rules.js';
import { MessageQuota } from './message-quota.js';

const HEARTBEAT_MS = 20_000;

/** As bytes: a text would be encoded for each reader. */
const textOf = oncePerFrame((frame) => Buffer.from(JSON.stringify(frame)));
const TEXT = { binary: false };

/** One client of `/ws/{execution_id}`. */
export class WsSocket implements FrameSink, LiveReader {
  private readonly follower: JournalFollower;
  private readonly backlog: Backlog;
  private readonly quota = new MessageQuota();
  private readonly heartbeat: NodeJS.Timeout;
  private readonly flushed = (): void => this.backlog.flushed();
  private alive = true;

  constructor(
    private readonly socket: WebSocket,
    bus: Bus,
    private readonly connection: Connection,
    watch: Watch,
    patienceMs: number,
  ) {
    this.backlog = new Backlog(() => socket.bufferedAmount, patienceMs, {
      drained: () => this.follower.drained(),
      stuck: () => connection.close(SLOW),
    });
    this.follower = new JournalFollower(bus, connection.context(), watch.execution_id, watch.after, this);
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    socket.on('message', (data, binary) => this.hear(binary ? null : String(data)));
    socket.on('pong', () => (this.alive = true));
    socket.on('error', () => undefined); // a close follows
    socket.on('close', () => this.stop());
    this.follower.start();
  }

  send(frame: executor.Frame): boolean {
    this.socket.send(textOf(frame), TEXT, this.flushed);
    return this.backlog.hasRoom();
  }

  ended(): void {
    this.connection.close(COMPLETED);
  }

  failed(error: unknown): void {
    if (isLost(error)) this.connection.close(error);
  }

  waiting(): number {
    return this.socket.bufferedAmount;
  }

  close(closing: Closing): void {
    this.stop();
    this.socket.close(closeCodeOf(closing), closing.code);
  }

  destroy(): void {
    this.socket.terminate();
  }

  private hear(text: string | null): void {
    if (!this.quota.take()) return this.connection.close(TALKATIVE);
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
  private complain(code: string, message: string): void {
    if (this.socket.bufferedAmount > FULL_BYTES) return;
    this.socket.send(JSON.stringify({ type: 'error', code, message }));
  }

  /** Whoever reads slowly cannot answer yet; the backlog's patience is theirs. */
  private beat(): void {
    if (!this.alive && !this.backlog.isFull) return this.socket.terminate();
    this.alive = false;
    this.socket.ping();
  }

  private stop(): void {
    clearInterval(this.heartbeat);
    this.backlog.stop();
    this.follower.stop();
  }
}
