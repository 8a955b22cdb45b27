import { type CallContext, governance } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';

@Controller()
export class BypassController {
  constructor(private readonly bus: Bus) {}

  @Endpoint({
    method: 'GET',
    path: '/api/autonomy/bypasses',
    needs: 'approval.decide',
    limit: 'general',
    input: governance.ListBypasses,
    answers: { 200: governance.BypassPage },
    doc: 'What approvers let agents do without asking, newest first, with how often it was used.',
  })
  listBypasses(input: governance.ListBypasses, ctx: CallContext): Promise<governance.BypassPage> {
    return this.bus.call(ctx, governance.bypass.list, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/autonomy/bypasses',
    needs: 'approval.decide',
    limit: 'general',
    input: governance.AddBypass,
    answers: { 201: governance.BypassView },
    doc: 'Lets one agent, as it asked last, use one tool for a time and so often, where policy asks for one approver; never for two, never for what the giver asked for.',
    creates: true,
  })
  addBypass(input: governance.AddBypass, ctx: CallContext): Promise<governance.BypassView> {
    return this.bus.call(ctx, governance.bypass.add, input);
  }

  @Endpoint({
    method: 'DELETE',
    path: '/api/autonomy/bypasses/:id',
    needs: 'approval.decide',
    limit: 'general',
    input: governance.BypassRef,
    answers: { 200: governance.BypassView },
    doc: 'Revokes a bypass; its uses so far stay on record.',
  })
  revokeBypass(input: governance.BypassRef, ctx: CallContext): Promise<governance.BypassView> {
    return this.bus.call(ctx, governance.bypass.revoke, input);
  }
}
