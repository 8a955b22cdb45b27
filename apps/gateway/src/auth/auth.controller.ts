import { type CallContext, Nothing } from '#contracts';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Endpoint } from '../http/endpoint.js';
import { AccessToken, ChangePassword, Login, Me } from './auth.messages.js';
import { AuthService } from './auth.service.js';

@Controller()
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Endpoint({
    method: 'POST',
    path: '/api/auth/login',
    needs: 'nothing',
    limit: 'login',
    input: Login,
    answers: { 200: AccessToken },
    doc: 'Signs a person in.',
  })
  login(input: Login, _ctx: CallContext, reply: FastifyReply): Promise<AccessToken> {
    return this.auth.login(input, reply.request.ip);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/auth/me',
    needs: 'signed_in',
    limit: 'general',
    input: Nothing,
    answers: { 200: Me },
    doc: 'Who the caller is, in which team and roles.',
  })
  me(_input: Nothing, ctx: CallContext): Promise<Me> {
    return this.auth.me(ctx);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/auth/password',
    needs: 'signed_in',
    limit: 'general',
    input: ChangePassword,
    answers: { 204: Nothing },
    doc: "Changes the caller's password.",
  })
  changePassword(input: ChangePassword, ctx: CallContext): Promise<void> {
    return this.auth.changePassword(ctx, input);
  }
}
