import { executor } from '#contracts';
import { AppError } from '#kernel';
import { Bus } from '#messaging';
import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Admission } from './admission.js';
import { Connections } from './connections.js';
import { watchOf } from './live.rules.js';
import { openingSocket } from './opening-span.js';
import { WsSocket } from './ws.socket.js';

export const MAX_MESSAGE_BYTES = 4_096;

/** `/ws/{execution_id}`. */
@Injectable()
export class WsServer {
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });

  constructor(
    private readonly bus: Bus,
    private readonly admission: Admission,
    private readonly connections: Connections,
  ) {}

  /** @throws AppError of what refuses it */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    return openingSocket('ws', request, () => this.open(request, socket, head));
  }

  private async open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const watch = watchOf(request.url ?? '');
    if (watch instanceof AppError) throw watch;
    this.admission.assertOurs(request);
    const caller = await this.admission.enter(request, watch.ticket);
    const connection = this.connections.enter('ws', caller, 'execution.read');
    let opened = false;
    try {
      const { execution_id, after } = watch;
      await this.bus.call(connection.context(), executor.journal.read, { execution_id, after, limit: 1 });
      this.server.handleUpgrade(request, socket, head, (websocket) => {
        opened = true;
        websocket.once('close', () => this.connections.leave(connection));
        connection.reader = new WsSocket(websocket, this.bus, connection, watch, this.connections.patienceMs);
      });
    } finally {
      // A handshake that is no WebSocket's ends without a socket, and so does one whose client has gone.
      if (!opened) this.connections.leave(connection);
    }
  }
}
