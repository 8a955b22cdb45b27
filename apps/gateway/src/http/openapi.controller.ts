import { type CallContext, Nothing } from '#contracts';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { docsPage } from './docs-page.js';
import { Endpoint } from './endpoint.js';
import { OpenApi } from './openapi.js';

@Controller()
export class OpenApiController {
  constructor(private readonly openApi: OpenApi) {}

  @Endpoint({
    method: 'GET',
    path: '/api/openapi.json',
    needs: 'nothing',
    limit: 'open',
    input: Nothing,
    answers: { 200: Nothing },
    doc: 'This interface as OpenAPI 3.1.',
  })
  async openapi(): Promise<object> {
    return this.openApi.document();
  }

  @Endpoint({
    method: 'GET',
    path: '/api/docs',
    needs: 'nothing',
    limit: 'open',
    input: Nothing,
    answers: { 200: Nothing },
    doc: 'This interface as a page.',
  })
  async docs(_input: Nothing, _ctx: CallContext, reply: FastifyReply): Promise<string> {
    reply.type('text/html; charset=utf-8');
    return docsPage(this.openApi.document());
  }
}
