import { type CallContext, Nothing } from '#contracts';
import { metricsPage } from '#telemetry';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Endpoint } from '../http/endpoint.js';
import { Alive, Health, Ready } from './health.messages.js';
import { HealthService } from './health.service.js';
import { VERSION } from './version.js';

const SERVICE = 'spectrace';
const alive = (): Alive => ({ status: 'ok', service: SERVICE, version: VERSION });

@Controller()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Endpoint({
    method: 'GET',
    path: '/',
    needs: 'nothing',
    limit: 'open',
    input: Nothing,
    answers: { 200: Alive },
    doc: 'What this is; the console for `Accept: text/html`.',
  })
  async root(): Promise<Alive> {
    return alive();
  }

  @Endpoint({
    method: 'GET',
    path: '/health',
    needs: 'nothing',
    limit: 'probe',
    input: Nothing,
    answers: { 200: Health },
    doc: 'The gateway answers.',
  })
  async healthy(): Promise<Health> {
    return { ...alive(), uptime: Math.floor(process.uptime()) };
  }

  @Endpoint({
    method: 'GET',
    path: '/livez',
    needs: 'nothing',
    limit: 'probe',
    input: Nothing,
    answers: { 200: Alive },
    doc: 'The process lives; restart it when this does not answer.',
  })
  async livez(): Promise<Alive> {
    return alive();
  }

  @Endpoint({
    method: 'GET',
    path: '/readyz',
    needs: 'nothing',
    limit: 'probe',
    input: Nothing,
    answers: { 200: Ready, 503: Ready },
    doc: 'Every service, its database and NATS can work; 503 with the checks when one cannot.',
  })
  async readyz(_input: Nothing, _ctx: CallContext, reply: FastifyReply): Promise<Ready> {
    const ready = await this.health.ready();
    if (ready.status === 'not_ready') reply.code(503);
    return ready;
  }

  @Endpoint({
    method: 'GET',
    path: '/metrics',
    needs: 'nothing',
    limit: 'probe',
    input: Nothing,
    answers: { 200: Nothing },
    doc: 'Prometheus metrics, text format.',
  })
  async prometheus(_input: Nothing, _ctx: CallContext, reply: FastifyReply): Promise<string> {
    const { type, text } = await metricsPage();
    reply.type(type);
    return text;
  }
}
