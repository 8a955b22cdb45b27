import { type CallContext, Nothing } from '#contracts';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Endpoint } from '../http/endpoint.js';
import { CreateKey, KeyChoices, KeyPage, KeyRef, KeyView, ListKeys, NewKey } from './key.messages.js';
import { KeyService } from './key.service.js';

@Controller()
export class KeyController {
  constructor(private readonly keys: KeyService) {}

  @Endpoint({
    method: 'POST',
    path: '/api/keys',
    needs: 'key.own',
    bySession: true,
    limit: 'keys',
    input: CreateKey,
    answers: { 201: NewKey },
    doc: 'Makes an API key of the team, shown once; a key makes no keys.',
    creates: true,
  })
  createKey(input: CreateKey, ctx: CallContext): Promise<NewKey> {
    return this.keys.create(ctx, input);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/keys',
    needs: 'key.own',
    limit: 'general',
    input: ListKeys,
    answers: { 200: KeyPage },
    doc: "The caller's keys in this team, the newest first; everybody's with the permission `key.manage`.",
  })
  listKeys(input: ListKeys, _ctx: CallContext, reply: FastifyReply): Promise<KeyPage> {
    return this.keys.list(reply.request.caller!, input);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/keys/choices',
    needs: 'key.own',
    bySession: true,
    limit: 'general',
    input: Nothing,
    answers: { 200: KeyChoices },
    doc: 'By type of key: the roles the caller can give it, and the scopes it can be kept to.',
  })
  async keyChoices(_input: Nothing, ctx: CallContext): Promise<KeyChoices> {
    return this.keys.choices(ctx);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/keys/:id',
    needs: 'key.own',
    limit: 'general',
    input: KeyRef,
    answers: { 200: KeyView },
    doc: 'One key: what it may do now, and how often it was used. Never its secret.',
  })
  getKey({ id }: KeyRef, _ctx: CallContext, reply: FastifyReply): Promise<KeyView> {
    return this.keys.get(reply.request.caller!, id);
  }

  @Endpoint({
    method: 'DELETE',
    path: '/api/keys/:id',
    needs: 'key.own',
    limit: 'general',
    input: KeyRef,
    answers: { 204: Nothing },
    doc: 'Revokes a key: the next request by it is refused, and its streams end within a second.',
  })
  revokeKey({ id }: KeyRef, _ctx: CallContext, reply: FastifyReply): Promise<void> {
    return this.keys.revoke(reply.request.caller!, id);
  }
}
