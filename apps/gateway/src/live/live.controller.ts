import { type CallContext, executor, invalidInput, Nothing } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Endpoint } from '../http/endpoint.js';
import { endRequestSpan } from '../http/request-span.js';
import { Connections } from './connections.js';
import { StreamExecution } from './live.messages.js';
import { seqOf } from './live.rules.js';
import { SseStream } from './sse.stream.js';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  connection: 'close',
};

/** The last number that a reconnecting `EventSource` has; null when it says nothing. */
const lastEventOf = ({ headers }: FastifyRequest): number | null => {
  const text = headers['last-event-id'];
  if (text === undefined || text === '') return null;
  const seq = typeof text === 'string' ? seqOf(text) : null;
  if (seq === null) throw invalidInput([{ path: '', message: 'Last-Event-ID must be a sequence number' }]);
  return seq;
};

@Controller()
export class LiveController {
  constructor(
    private readonly bus: Bus,
    private readonly connections: Connections,
  ) {}

  @Endpoint({
    method: 'GET',
    path: '/api/executions/:execution_id/stream',
    needs: 'execution.read',
    limit: 'general',
    input: StreamExecution,
    answers: { 200: Nothing, 204: Nothing },
    doc: 'The frames of a run as Server-Sent Events; 204 for Last-Event-ID when there will be none after it.',
  })
  async stream(input: StreamExecution, ctx: CallContext, reply: FastifyReply): Promise<void> {
    const { request, raw } = reply;
    const last = lastEventOf(request);
    const watch = { execution_id: input.execution_id, after: last ?? input.after ?? 0 };
    const connection = this.connections.enter('sse', request.caller!, 'execution.read');
    let opened = false;
    try {
      const page = await this.bus.call(ctx, executor.journal.read, { ...watch, limit: 1 });
      // An EventSource comes back after every end until it is told by a 204 that there is no more.
      if (last !== null && page.completed && page.last_seq <= last) return void reply.code(204);
      if (raw.destroyed || request.method === 'HEAD') return;
      opened = true;
    } finally {
      if (!opened) this.connections.leave(connection);
    }
    reply.hijack();
    endRequestSpan(request, 200);
    raw.writeHead(200, { ...reply.getHeaders(), ...HEADERS } as Record<string, string>);
    raw.once('close', () => this.connections.leave(connection));
    connection.reader = new SseStream(raw, this.bus, connection, watch, this.connections.patienceMs);
  }
}
