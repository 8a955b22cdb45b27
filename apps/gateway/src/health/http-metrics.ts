import { Stopwatch, watchProcess } from '#telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';

const DURATION_BUCKETS_S = [0.005, 0.02, 0.05, 0.1, 0.3, 1, 5, 30, 300];
const FAULT_STATUS = 500;

/** Labels are route patterns, never paths: an id in a label would be a series of its own. */
const durations = new Stopwatch(
  'spectrace_http_request_duration_seconds',
  'Time from the request line to the last byte of the answer.',
  ['method', 'route', 'status'],
  ({ method, route }) => `http ${method} ${route}`,
  DURATION_BUCKETS_S,
);
watchProcess();

export const observeRequest = (request: FastifyRequest, reply: FastifyReply): void => {
  const { statusCode } = reply;
  const labels = { method: request.method, route: request.routeOptions.url ?? 'none', status: String(statusCode) };
  durations.record(labels, reply.elapsedTime, statusCode >= FAULT_STATUS);
};
