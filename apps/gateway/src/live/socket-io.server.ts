import { AppError, isAppError } from '#kernel';
import { Bus } from '#messaging';
import { ENV } from '#service';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server, type Socket } from 'socket.io';
import type { Env } from '../env.js';
import { Admission } from './admission.js';
import { type Connection, Connections } from './connections.js';
import { queryOf, strayIn, TALKATIVE } from './live.rules.js';
import { MessageQuota } from './message-quota.js';
import { openingSocket } from './opening-span.js';
import { type EngineConnection, EngineOutlet } from './socket-io.outlet.js';
import { ticketOf } from './socket-io.rules.js';
import { SocketIoSocket } from './socket-io.socket.js';
import { TeamRooms } from './team-rooms.js';
import { MAX_MESSAGE_BYTES } from './ws.server.js';

const PATH = /^\/socket\.io(\/|\?|$)/;
/** What Engine.IO clients put into their URLs: protocol, transport, session and a cache buster. */
const ENGINE_QUERY = ['EIO', 'transport', 'sid', 't'];
const PING_MS = 20_000;
/** Until a connection says who it is. */
const INTRODUCTION_MS = 5_000;
/** Connections that have not said who they are. */
const MAX_STRANGERS = 1_000;

/** What is kept about a connection of Engine.IO. */
interface Line {
  id: string;
  outlet: EngineOutlet;
  quota: MessageQuota;
  /** A connection introduces itself once. */
  introduced: boolean;
  connection: Connection | null;
  socket: SocketIoSocket | null;
}

interface Engine {
  on(event: 'connection', listener: (connection: EngineConnection) => void): void;
  on(event: 'headers', listener: (headers: Record<string, string>) => void): void;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** Socket.IO on its default path, by WebSocket and by polling; root namespace alone. */
@Injectable()
export class SocketIoServer {
  private readonly log = new Logger(SocketIoServer.name);
  private readonly server: Server;
  /** By session id of Engine.IO. */
  private readonly lines = new Map<string, Line>();
  private known = 0;

  constructor(
    private readonly bus: Bus,
    private readonly rooms: TeamRooms,
    private readonly admission: Admission,
    private readonly connections: Connections,
    @Inject(ENV) env: Pick<Env, 'CORS_ORIGINS'>,
  ) {
    // On a server that never listens: requests and upgrades are handed over once they have been looked at.
    this.server = new Server(createServer(), {
      serveClient: false,
      transports: ['polling', 'websocket'],
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      httpCompression: false,
      perMessageDeflate: false,
      pingInterval: PING_MS,
      pingTimeout: PING_MS,
      connectTimeout: INTRODUCTION_MS,
      cleanupEmptyChildNamespaces: true,
      ...(env.CORS_ORIGINS.length > 0 && { cors: { origin: env.CORS_ORIGINS, methods: ['GET', 'POST'] } }),
    });
    this.engine.on('connection', (connection) => this.open(connection));
    this.engine.on('headers', (headers) => (headers['x-content-type-options'] = 'nosniff'));
    this.server.use((socket, next) => {
      this.introduce(socket).then(
        () => next(),
        (error: unknown) => this.turnAway(socket, error, next),
      );
    });
    this.server.on('connection', (socket) => this.welcome(socket));
  }

  isFor(url: string | undefined): boolean {
    return PATH.test(url ?? '');
  }

  /**
   * Whether a request may go on to Socket.IO.
   * @throws AppError `auth.token_in_url`, `input.invalid`, `auth.csrf`, `service.unavailable`
   */
  look(request: IncomingMessage): void {
    const query = queryOf(request.url ?? '');
    const stray = strayIn(query, ENGINE_QUERY);
    if (stray) throw stray;
    this.admission.assertOurs(request);
    if (!query.has('sid') && this.lines.size - this.known >= MAX_STRANGERS) {
      throw new AppError('service.unavailable', 'Too many are coming in at once; try again.', { retryable: true });
    }
  }

  /** Takes a request that was looked at. */
  request(request: IncomingMessage, response: ServerResponse): void {
    this.lines.get(queryOf(request.url ?? '').get('sid') ?? '')?.outlet.answersBy(response);
    this.engine.handleRequest(request, response);
  }

  /** @throws AppError of what refuses it */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.look(request);
    this.engine.handleUpgrade(request, socket, head);
  }

  async stop(): Promise<void> {
    await this.server.close();
    for (const { outlet } of [...this.lines.values()]) outlet.destroy();
  }

  private get engine(): Engine {
    return this.server.engine as unknown as Engine;
  }

  private open(connection: EngineConnection): void {
    const outlet = new EngineOutlet(connection, {
      flushed: () => line.socket?.flushed(),
      gone: () => this.forget(line),
    });
    const line: Line = {
      id: lineId(connection),
      outlet,
      quota: new MessageQuota(),
      introduced: false,
      connection: null,
      socket: null,
    };
    this.lines.set(line.id, line);
    connection.on('data', () => {
      if (line.quota.take()) return;
      if (line.connection) line.connection.close(TALKATIVE);
      else connection.close();
    });
  }

  private forget({ id, connection }: Line): void {
    this.lines.delete(id);
    if (!connection) return;
    this.known -= 1;
    this.connections.leave(connection);
  }

  /** Who a new socket is, by its handshake's ticket or header. */
  private introduce(socket: Socket): Promise<void> {
    return this.admission.attempt(socket.request, async () => {
      const line = this.lines.get(lineId(socket.conn));
      if (!line) return; // it has gone, and no welcome follows
      if (line.introduced) throw new AppError('message.unknown', 'One CONNECT a connection.');
      line.introduced = true;
      const ticket = ticketOf(socket.handshake.auth);
      if (ticket instanceof AppError) throw ticket;
      await openingSocket('socket_io', socket.request, async () => {
        const caller = await this.admission.enter(socket.request, ticket);
        if (socket.conn.readyState !== 'open') return;
        const connection = this.connections.enter('socket_io', caller, 'signed_in');
        line.connection = connection;
        connection.reader = {
          waiting: () => 0,
          close: () => socket.conn.close(),
          destroy: () => line.outlet.destroy(),
        };
        this.known += 1;
      });
    });
  }

  private welcome(socket: Socket): void {
    const line = this.lines.get(lineId(socket.conn))!;
    const { bus, rooms, connections } = this;
    const connection = line.connection!;
    line.socket = new SocketIoSocket(socket, { bus, rooms, connections, connection, outlet: line.outlet });
    connection.reader = line.socket;
  }

  private turnAway(socket: Socket, error: unknown, next: (error: Error) => void): void {
    if (!isAppError(error)) this.log.error({ err: error });
    const { code, message, retryable } = isAppError(error)
      ? error
      : new AppError('internal.error', 'Something went wrong on our side.');
    next(Object.assign(new Error(message), { data: { code, message, retryable } }));
    setImmediate(() => socket.conn.close()); // after the refusal was written
  }
}

/** Declared private, and the one name by which polls find their connection. */
const lineId = (connection: EngineConnection): string => (connection as unknown as { id: string }).id;
