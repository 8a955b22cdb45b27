import { type CallContext, Nothing } from '#contracts';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { networkOf } from '../http/client-network.rules.js';
import { Endpoint } from '../http/endpoint.js';
import { AccessToken, ChangePassword, Login, Me } from './auth.messages.js';
import { AuthService } from './auth.service.js';
import { credentialsOf } from './authenticator.js';

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
    doc: 'Signs a person in: an access token, and a session in a cookie or, for `cli`, a refresh token.',
  })
  async login(input: Login, _ctx: CallContext, reply: FastifyReply): Promise<AccessToken> {
    const { request } = reply;
    const { answer, cookies } = await this.auth.login(input, credentialsOf(request), networkOf(request.ip));
    if (cookies.length > 0) reply.header('set-cookie', cookies);
    return answer;
  }

  @Endpoint({
    method: 'GET',
    path: '/api/auth/me',
    needs: 'signed_in',
    limit: 'general',
    input: Nothing,
    answers: { 200: Me },
    doc: 'Who the caller is, in which team and roles, and what they may do there.',
    evenOneTime: true,
  })
  async me(_input: Nothing, _ctx: CallContext, reply: FastifyReply): Promise<Me> {
    return this.auth.me(reply.request.caller!);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/auth/password',
    needs: 'signed_in',
    bySession: true,
    limit: 'general',
    input: ChangePassword,
    answers: { 204: Nothing },
    doc: "Changes the caller's password and ends their other sessions.",
    evenOneTime: true,
  })
  changePassword(input: ChangePassword, _ctx: CallContext, reply: FastifyReply): Promise<void> {
    return this.auth.changePassword(reply.request.caller!.grant, input);
  }
}
