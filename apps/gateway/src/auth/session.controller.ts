import { type CallContext, Nothing } from '#contracts';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Endpoint } from '../http/endpoint.js';
import { AccessToken } from './auth.messages.js';
import { credentialsOf } from './authenticator.js';
import { ListSessions, Logout, Refresh, SessionPage, SessionRef } from './session.messages.js';
import { SessionService } from './session.service.js';

@Controller()
export class SessionController {
  constructor(private readonly sessions: SessionService) {}

  @Endpoint({
    method: 'POST',
    path: '/api/auth/refresh',
    needs: 'nothing',
    limit: 'open',
    input: Refresh,
    answers: { 200: AccessToken },
    doc: 'The next access token, and the next token of the session; an old one that comes again ends the session.',
  })
  async refresh(input: Refresh, _ctx: CallContext, reply: FastifyReply): Promise<AccessToken> {
    const { answer, cookies } = await this.sessions.refresh(credentialsOf(reply.request), input.refresh_token);
    if (cookies.length > 0) reply.header('set-cookie', cookies);
    return answer;
  }

  @Endpoint({
    method: 'POST',
    path: '/api/auth/logout',
    needs: 'nothing',
    limit: 'open',
    input: Logout,
    answers: { 204: Nothing },
    doc: 'Ends the session, with its access tokens, tickets and streams.',
  })
  async logout(input: Logout, _ctx: CallContext, reply: FastifyReply): Promise<void> {
    const cookies = await this.sessions.logout(credentialsOf(reply.request), input.refresh_token);
    if (cookies.length > 0) reply.header('set-cookie', cookies);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/auth/sessions',
    needs: 'signed_in',
    bySession: true,
    limit: 'general',
    input: ListSessions,
    answers: { 200: SessionPage },
    doc: "The caller's open sessions, the oldest first.",
  })
  listSessions(input: ListSessions, _ctx: CallContext, reply: FastifyReply): Promise<SessionPage> {
    return this.sessions.list(reply.request.caller!.grant, input);
  }

  @Endpoint({
    method: 'DELETE',
    path: '/api/auth/sessions/:session_id',
    needs: 'signed_in',
    bySession: true,
    limit: 'general',
    input: SessionRef,
    answers: { 204: Nothing },
    doc: "Ends one of the caller's sessions.",
  })
  endSession(input: SessionRef, ctx: CallContext): Promise<void> {
    return this.sessions.end(ctx.principal.id, input.session_id);
  }
}
