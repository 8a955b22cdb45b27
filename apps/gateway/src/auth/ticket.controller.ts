import { type CallContext, Nothing } from '#contracts';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Endpoint } from '../http/endpoint.js';
import { StreamTicket } from './ticket.messages.js';
import { TicketService } from './ticket.service.js';

@Controller()
export class TicketController {
  constructor(private readonly tickets: TicketService) {}

  @Endpoint({
    method: 'POST',
    path: '/api/stream-tickets',
    needs: 'signed_in',
    bySession: true,
    limit: 'general',
    input: Nothing,
    answers: { 201: StreamTicket },
    doc: 'A ticket that opens one live stream within 30 s.',
  })
  issueTicket(_input: Nothing, _ctx: CallContext, reply: FastifyReply): Promise<StreamTicket> {
    return this.tickets.issue(reply.request.caller!);
  }
}
