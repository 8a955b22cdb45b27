import { type CallContext, Nothing } from '#contracts';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { credentialsOf } from '../auth/authenticator.js';
import { Endpoint } from '../http/endpoint.js';
import { OidcCallback, SignInMethods } from './oidc.messages.js';
import { OidcService, type Turn } from './oidc.service.js';

const send = (reply: FastifyReply, { location, cookies }: Turn): void => {
  if (cookies.length > 0) reply.header('set-cookie', cookies);
  reply.header('location', location);
};

@Controller()
export class OidcController {
  constructor(private readonly oidc: OidcService) {}

  @Endpoint({
    method: 'GET',
    path: '/api/auth/methods',
    needs: 'nothing',
    limit: 'open',
    input: Nothing,
    answers: { 200: SignInMethods },
    doc: 'How people sign in here.',
  })
  async signInMethods(): Promise<SignInMethods> {
    return { password: true, oidc: this.oidc.method() };
  }

  @Endpoint({
    method: 'GET',
    path: '/api/auth/oidc/start',
    needs: 'nothing',
    limit: 'login',
    input: Nothing,
    answers: { 302: Nothing },
    doc: 'Sends a browser to the OpenID Connect provider.',
  })
  async startOidc(_input: Nothing, _ctx: CallContext, reply: FastifyReply): Promise<void> {
    send(reply, await this.oidc.start(credentialsOf(reply.request)));
  }

  @Endpoint({
    method: 'GET',
    path: '/api/auth/oidc/callback',
    needs: 'nothing',
    limit: 'login',
    input: OidcCallback,
    answers: { 302: Nothing },
    doc: 'Where the provider sends a browser back to: to the console, signed in, or with `?sign_in=<code>`.',
    ignoresUnknown: true,
  })
  async finishOidc(_input: OidcCallback, _ctx: CallContext, reply: FastifyReply): Promise<void> {
    const { request } = reply;
    const [, query = ''] = request.url.split('?', 2);
    send(reply, await this.oidc.finish(query, credentialsOf(request), request.headers['user-agent'] ?? ''));
  }
}
