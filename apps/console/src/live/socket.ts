import { io, type Socket } from 'socket.io-client';
import { api } from '../data/api.js';
import { sessionEnded } from '../data/query-client.js';

/** `connecting`: not yet for the first time. `offline`: the browser itself has no network. */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'offline';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;

/**
 * The tab's one live connection: Socket.IO, opened by a one-time ticket that is asked for anew before every attempt, so
 * that no credential is ever part of a URL.
 */
export class LiveConnection {
  readonly socket: Socket;
  private readonly listeners = new Set<() => void>();
  private wasLive = false;

  constructor() {
    this.socket = io({
      autoConnect: false,
      transports: ['websocket'],
      reconnectionDelay: FIRST_RETRY_MS,
      reconnectionDelayMax: LONGEST_RETRY_MS,
      auth: (give) => {
        // Without a ticket the handshake is refused and tried again, which is what a lost network asks for.
        api.streamTicket().then(
          ({ ticket }) => give({ ticket }),
          (error: unknown) => {
            sessionEnded(error);
            give({});
          },
        );
      },
    });
    const changed = (): void => this.listeners.forEach((listener) => listener());
    this.socket.on('connect', () => {
      this.wasLive = true;
      changed();
    });
    this.socket.on('disconnect', (reason) => {
      changed();
      // A server that closes on purpose is not called again by the library.
      if (reason === 'io server disconnect') this.retryIn(FIRST_RETRY_MS);
    });
    this.socket.on('connect_error', () => {
      changed();
      if (!this.socket.active) this.retryIn(LONGEST_RETRY_MS);
    });
    globalThis.addEventListener('offline', changed);
    globalThis.addEventListener('online', () => {
      changed();
      if (this.wanted && !this.socket.connected) this.socket.disconnect().connect();
    });
  }

  private wanted = false;

  open(): void {
    this.wanted = true;
    this.socket.connect();
  }

  close(): void {
    this.wanted = false;
    this.wasLive = false;
    this.socket.disconnect();
  }

  readonly state = (): LiveState => {
    if (this.socket.connected) return 'live';
    if (!navigator.onLine) return 'offline';
    return this.wasLive ? 'reconnecting' : 'connecting';
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private retryIn(ms: number): void {
    setTimeout(() => this.wanted && !this.socket.connected && this.socket.connect(), ms);
  }
}

export const live = new LiveConnection();
