import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Histogram, register, Registry } from 'prom-client';

const DURATION_BUCKETS_S = [0.005, 0.02, 0.05, 0.1, 0.3, 1, 5, 30, 300];

/** What Prometheus reads. Labels are route patterns, never paths: an id in a label would be a series of its own. */
@Injectable()
export class HttpMetrics {
  readonly registry = new Registry();

  private readonly duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request line to the last byte of the answer.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: DURATION_BUCKETS_S,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Its own, and those of facts, which the services of this process keep on prom-client's registry. */
  text(): Promise<string> {
    return Registry.merge([this.registry, register]).metrics();
  }

  observe(request: FastifyRequest, reply: FastifyReply): void {
    this.duration.observe(
      { method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) },
      reply.elapsedTime / 1_000,
    );
  }
}
