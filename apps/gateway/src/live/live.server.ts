import { AppError, isAppError } from '#kernel';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { rawProblem, requestIdOf } from '../http/server-options.js';
import { Admission } from './admission.js';
import { Connections } from './connections.js';
import { SocketIoServer } from './socket-io.server.js';
import { WsServer } from './ws.server.js';

/** Until a client that was refused has read why. */
const REFUSED_MS = 1_000;

/** Where sockets come in: the HTTP server's own upgrade event and the path of Socket.IO, where no guard runs. */
@Injectable()
export class LiveServer implements OnModuleDestroy {
  private readonly log = new Logger(LiveServer.name);

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly admission: Admission,
    private readonly connections: Connections,
    private readonly ws: WsServer,
    private readonly socketIo: SocketIoServer,
  ) {}

  /** Begins to take sockets; called before the server listens. */
  attach(): void {
    const http = this.host.httpAdapter.getHttpServer() as Server;
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      void this.upgrade(request, socket, head);
    });
    const fastify = this.host.httpAdapter.getInstance() as FastifyInstance;
    fastify.addHook('onRequest', async (request, reply) => {
      if (!this.socketIo.isFor(request.raw.url)) return;
      await this.admission.attempt(request.raw, () => this.socketIo.look(request.raw));
      reply.hijack();
      this.socketIo.request(request.raw, reply.raw);
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.connections.stop();
    await this.socketIo.stop();
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    try {
      await this.admission.attempt(request, () =>
        this.socketIo.isFor(request.url)
          ? this.socketIo.upgrade(request, socket, head)
          : this.ws.upgrade(request, socket, head),
      );
    } catch (error) {
      const id = requestIdOf(request);
      if (socket.writable) socket.end(rawProblem(this.problemOf(error, request, id), id));
      setTimeout(() => socket.destroy(), REFUSED_MS).unref();
    }
  }

  /** A query may hold a ticket: it is not logged. */
  private problemOf(error: unknown, { url = '' }: IncomingMessage, request_id: string): AppError {
    if (isAppError(error)) return error;
    this.log.error({ err: error, request_id, path: url.split('?', 1)[0] });
    return new AppError('internal.error', '');
  }
}
