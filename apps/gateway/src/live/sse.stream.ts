import type { executor } from '#contracts';
import type { Bus } from '#messaging';
import type { ServerResponse } from 'node:http';
import { Backlog } from './backlog.js';
import type { Connection, LiveReader } from './connections.js';
import { oncePerFrame } from './frame-text.js';
import { type FrameSink, JournalFollower } from './journal-follower.js';
import { type Closing, COMPLETED, isLost, SLOW, type Watch } from './live.rules.js';

const HEARTBEAT_MS = 15_000;
/** How soon a client that was cut off comes back. */
const RETRY_MS = 2_000;

const eventOf = (event: string, body: object): string => `event: ${event}\ndata: ${JSON.stringify(body)}\n\n`;
/** As bytes: a text would be encoded for each reader. */
const textOf = oncePerFrame((frame) => Buffer.from(`id: ${frame.seq}\n${eventOf(frame.type, frame)}`));

/** One client of `GET /api/executions/{id}/stream`: Server-Sent Events, WHATWG HTML section 9.2. */
export class SseStream implements FrameSink, LiveReader {
  private readonly follower: JournalFollower;
  private readonly backlog: Backlog;
  private readonly heartbeat: NodeJS.Timeout;
  private readonly flushed = (): void => this.backlog.flushed();

  constructor(
    private readonly response: ServerResponse,
    bus: Bus,
    private readonly connection: Connection,
    watch: Watch,
    patienceMs: number,
  ) {
    this.backlog = new Backlog(() => response.writableLength, patienceMs, {
      drained: () => this.follower.drained(),
      stuck: () => connection.close(SLOW),
    });
    this.follower = new JournalFollower(bus, connection.context(), watch.execution_id, watch.after, this);
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    response.on('error', () => undefined); // a close follows
    response.once('close', () => this.stop());
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.follower.start();
  }

  send(frame: executor.Frame): boolean {
    this.response.write(textOf(frame), this.flushed);
    return this.backlog.hasRoom();
  }

  ended(): void {
    this.connection.close(COMPLETED);
  }

  failed(error: unknown): void {
    if (isLost(error)) this.connection.close(error);
  }

  waiting(): number {
    return this.response.writableLength;
  }

  close({ code, message }: Closing): void {
    this.stop();
    const event = code === COMPLETED.code ? 'end' : 'error';
    // Nobody else's request comes after it on this connection, which may have to end now.
    this.response.end(eventOf(event, { code, message }), () => this.response.socket?.destroySoon());
  }

  destroy(): void {
    this.response.destroy();
  }

  private beat(): void {
    if (!this.backlog.isFull) this.response.write(':\n\n');
  }

  private stop(): void {
    clearInterval(this.heartbeat);
    this.backlog.stop();
    this.follower.stop();
  }
}
