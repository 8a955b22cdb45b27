import type { Socket } from 'socket.io';
import type { ServerResponse } from 'node:http';

/** The transport below a socket, Engine.IO's. */
export type EngineConnection = Socket['conn'];

/** What Engine.IO has and does not declare. */
interface Undeclared {
  /** A WebSocket below the transport `websocket`. */
  transport: {
    socket?: {
      bufferedAmount: number;
      readyState: number;
      terminate(): void;
      once(event: 'close', done: () => void): void;
    };
    closeTimeout?: number;
  };
  pingTimeoutTimer?: { refresh(): void } | null;
}

const KEEP_ALIVE_MS = 5_000;
/** Until a client that is sent away has polled once more to hear of it. */
const LAST_POLL_MS = 1_000;
/** Until a client that is sent away has taken what waits for it. */
const LINGER_MS = 10_000;
const CLOSED = 3;

interface OutletEvents {
  /** Fewer bytes may wait. */
  flushed(): void;
  /** Nothing of the connection is left. */
  gone(): void;
}

/**
 * Where the bytes of one Socket.IO client wait: in Engine.IO's buffer until the transport takes them, then in the
 * WebSocket, or in the answers to its polls.
 */
export class EngineOutlet {
  private queued = 0;
  private readonly answers = new Set<ServerResponse>();
  private keepAlive: NodeJS.Timeout | null = null;
  private linger: NodeJS.Timeout | null = null;

  constructor(
    private readonly connection: EngineConnection,
    private readonly on: OutletEvents,
  ) {
    connection.on('drain', () => {
      this.queued = 0; // the transport has them all
      on.flushed();
    });
    connection.transport.on('drain', () => on.flushed());
    connection.on('upgrade', (transport: EngineConnection['transport']) => transport.on('drain', () => on.flushed()));
    connection.once('close', () => this.end());
    if (connection.transport.name === 'polling') this.undeclared.transport.closeTimeout = LAST_POLL_MS;
  }

  /** Sends an encoded Socket.IO packet. */
  write(packet: string, bytes = Buffer.byteLength(packet)): void {
    this.queued += bytes;
    this.connection.write(packet);
  }

  /** The answer to a poll, which holds what was flushed until the client has read it. */
  answersBy(response: ServerResponse): void {
    this.answers.add(response);
    response.once('close', () => {
      this.answers.delete(response);
      this.on.flushed();
      this.settle();
    });
  }

  waiting(): number {
    let bytes = this.queued + (this.undeclared.transport.socket?.bufferedAmount ?? 0);
    for (const answer of this.answers) bytes += answer.writableLength;
    return bytes;
  }

  /** While `slow`, a client that cannot answer a ping, because it has not read it yet, is not taken for dead. */
  endure(slow: boolean): void {
    if (this.keepAlive) clearInterval(this.keepAlive);
    this.keepAlive = slow ? setInterval(() => this.undeclared.pingTimeoutTimer?.refresh(), KEEP_ALIVE_MS) : null;
  }

  /** Cuts the connection. */
  destroy(): void {
    this.undeclared.transport.socket?.terminate();
    for (const answer of this.answers) answer.destroy();
    this.connection.close(true);
  }

  /** Engine.IO calls a connection closed before its last bytes are out. */
  private end(): void {
    this.endure(false);
    this.linger = setTimeout(() => this.destroy(), LINGER_MS);
    this.undeclared.transport.socket?.once('close', () => this.settle());
    this.settle();
  }

  private settle(): void {
    const open = (this.undeclared.transport.socket?.readyState ?? CLOSED) !== CLOSED;
    if (!this.linger || open || this.answers.size > 0) return;
    clearTimeout(this.linger);
    this.linger = null;
    this.on.gone();
  }

  private get undeclared(): Undeclared {
    return this.connection as unknown as Undeclared;
  }
}
