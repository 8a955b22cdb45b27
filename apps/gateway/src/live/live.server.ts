import { type CallContext, executor, invalidInput } from '#contracts';
import { AppError, isAppError, isUuid } from '#kernel';
import { Bus } from '#messaging';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { Authenticator, type Caller } from '../auth/authenticator.js';
import { HttpMetrics } from '../health/http-metrics.js';
import { Limits } from '../http/limits.js';
import { rawProblem, requestIdOf } from '../http/server-options.js';
import { childOf } from '../http/trace.js';
import { type Watch, watchOf } from './live.rules.js';
import { CLOSED, LiveSocket } from './live.socket.js';

const MAX_MESSAGE_BYTES = 4_096;
const MAX_SOCKETS_PER_PRINCIPAL = 100;
const GOODBYE_MS = 1_000;

/** `/ws/{execution_id}` on the HTTP server's own upgrade event, where no guard runs: everything is checked here. */
@Injectable()
export class LiveServer implements OnModuleDestroy {
  private readonly log = new Logger(LiveServer.name);
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  private readonly sockets = new Map<WebSocket, LiveSocket>();
  private readonly perPrincipal = new Map<string, number>();
  private stopping = false;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly bus: Bus,
    private readonly authenticator: Authenticator,
    private readonly limits: Limits,
    private readonly metrics: HttpMetrics,
  ) {}

  /** Begins to take upgrades; called before the server listens. */
  attach(): void {
    const http = this.host.httpAdapter.getHttpServer() as Server;
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      void this.upgrade(request, socket, head);
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    const open = [...this.sockets];
    const closed = Promise.all(open.map(([socket]) => new Promise((resolve) => socket.once('close', resolve))));
    for (const [, live] of open) live.close(CLOSED.stopping, 'the server stops');
    const timer = setTimeout(() => open.forEach(([socket]) => socket.terminate()), GOODBYE_MS);
    await closed;
    clearTimeout(timer);
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const requestId = requestIdOf(request);
    try {
      await this.admit(request, (accept) => this.server.handleUpgrade(request, socket, head, accept));
    } catch (error) {
      if (!isAppError(error)) this.log.error({ err: error, request_id: requestId, url: request.url });
      const problem = isAppError(error) ? error : new AppError('internal.error', '');
      if (socket.writable) socket.end(rawProblem(problem, requestId));
    }
  }

  private async admit(request: IncomingMessage, accept: (open: (socket: WebSocket) => void) => void): Promise<void> {
    const watch = watchOf(request.url ?? '');
    if (watch instanceof AppError) throw watch;
    const team = request.headers['x-team-id'];
    if (team !== undefined && !isUuid(team)) {
      throw invalidInput([{ path: '', message: 'X-Team-Id must be one UUID in lower case' }]);
    }
    const caller = await this.enter(request, team);
    this.authenticator.permit(caller, 'execution.read');
    const ctx = contextOf(caller, request);
    await this.bus.call(ctx, executor.journal.read, { execution_id: watch.execution_id, after: watch.after, limit: 1 });
    this.reserve(caller.principal.id);
    let opened = false;
    accept((socket) => {
      opened = true;
      this.open(socket, caller, ctx, watch, team);
    });
    // A handshake that is no WebSocket's ends without a socket, and so does one whose client has gone.
    if (!opened) this.release(caller.principal.id);
  }

  private open(socket: WebSocket, caller: Caller, ctx: CallContext, watch: Watch, team: string | undefined): void {
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.metrics.sockets.set(this.sockets.size);
      this.release(caller.principal.id);
    });
    const tokenMs = caller.claims.exp * 1_000 - Date.now();
    const recheck = async (): Promise<void> =>
      this.authenticator.permit(await this.authenticator.now(caller.claims, team), 'execution.read');
    const warn = (error: unknown): void => this.log.warn({ err: error, execution_id: watch.execution_id });
    this.sockets.set(socket, new LiveSocket(socket, this.bus, { ctx, tokenMs, recheck }, watch, warn));
    this.metrics.sockets.set(this.sockets.size);
  }

  private async enter(request: IncomingMessage, team: string | undefined): Promise<Caller> {
    try {
      return await this.authenticator.authenticate(request.headers.authorization, team);
    } catch (error) {
      this.limits.spend('open', request.socket.remoteAddress ?? '');
      throw error;
    }
  }

  /** Nothing awaits between this and the handshake. */
  private reserve(principal: string): void {
    if (this.stopping) throw new AppError('service.stopping', 'The server stops.', { retryable: true });
    const open = this.perPrincipal.get(principal) ?? 0;
    if (open >= MAX_SOCKETS_PER_PRINCIPAL) {
      throw new AppError('live.too_many', `At most ${MAX_SOCKETS_PER_PRINCIPAL} sockets a person at a time.`);
    }
    this.perPrincipal.set(principal, open + 1);
  }

  private release(principal: string): void {
    const left = (this.perPrincipal.get(principal) ?? 1) - 1;
    if (left === 0) this.perPrincipal.delete(principal);
    else this.perPrincipal.set(principal, left);
  }
}

const contextOf = ({ team, principal, roles }: Caller, request: IncomingMessage): CallContext => ({
  team,
  principal,
  on_behalf_of: principal,
  roles,
  trace: childOf(request.headers.traceparent),
});
