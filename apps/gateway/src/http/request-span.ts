import { childOf, currentTrace, openSpan, type OpenSpan } from '#telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of routes that are traced. */
    span?: OpenSpan;
  }
}

/** In a route's own configuration: its requests run in spans. */
export const TRACED_ROUTE = 'traced';
const FAULT_STATUS = 500;

/** What a request's calls are caused by: its span, or, of a route that has none, where the caller stands. */
export const traceOf = ({ span, headers }: FastifyRequest): string =>
  span?.traceparent ?? currentTrace() ?? childOf(headers.traceparent);

const begin = (request: FastifyRequest): OpenSpan => {
  const { method, headers, routeOptions, protocol } = request;
  return openSpan({
    service: 'gateway',
    name: `${method} ${routeOptions.url}`,
    kind: 'server',
    parent: headers.traceparent as string | undefined,
    begins: true,
    attributes: {
      'http.request.method': method,
      'http.route': routeOptions.url,
      'url.scheme': protocol,
      'spectrace.request_id': request.id,
    },
  });
};

/** Once; of an answer that goes on for as long as somebody listens, when that begins. */
export const endRequestSpan = ({ span, caller }: FastifyRequest, status: number): void => {
  span?.set({ 'http.response.status_code': status, ...(caller && { 'spectrace.team': caller.team }) });
  if (status >= FAULT_STATUS) span?.fail({ code: String(status) });
  span?.end();
};

/** Every endpoint but the probes runs in a span: the caller's trace, or a new one, which the answer names. */
export const traceRequests = (fastify: FastifyInstance): void => {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!Reflect.get(request.routeOptions.config ?? {}, TRACED_ROUTE)) return done();
    request.span = begin(request);
    reply.header('traceresponse', request.span.traceparent);
    request.span.run(done);
  });
  // What reads a body comes back in the connection's own context.
  fastify.addHook('preHandler', (request, _reply, done) => {
    if (request.span) request.span.run(done);
    else done();
  });
  fastify.addHook('onResponse', async (request, reply) => endRequestSpan(request, reply.statusCode));
  fastify.addHook('onRequestAbort', async (request) => {
    request.span?.set({ 'error.type': 'request.aborted' });
    request.span?.end();
  });
};
