import { Nothing } from '#contracts';
import { processSummary, timingSummaries } from '#telemetry';
import { Controller } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';
import { SystemMetrics } from './system.messages.js';

@Controller()
export class SystemController {
  @Endpoint({
    method: 'GET',
    path: '/api/system/metrics',
    needs: 'system.read',
    limit: 'general',
    input: Nothing,
    answers: { 200: SystemMetrics },
    doc: 'How the process that answers is: times of what it did last, memory, event loop, errors, caches.',
  })
  async systemMetrics(): Promise<SystemMetrics> {
    return { ...processSummary(), timings: timingSummaries() };
  }
}
