import { type CallContext, executor } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';

@Controller()
export class PlaybookController {
  constructor(private readonly bus: Bus) {}

  @Endpoint({
    method: 'GET',
    path: '/api/playbooks',
    needs: 'playbook.read',
    limit: 'general',
    input: executor.ListPlaybooks,
    answers: { 200: executor.PlaybookPage },
    doc: "The team's playbooks, the newest version of each.",
  })
  listPlaybooks(input: executor.ListPlaybooks, ctx: CallContext): Promise<executor.PlaybookPage> {
    return this.bus.call(ctx, executor.playbook.list, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/playbooks',
    needs: 'playbook.write',
    limit: 'general',
    input: executor.RegisterPlaybook,
    answers: { 201: executor.PlaybookView },
    doc: 'Registers a playbook file; the same file twice is one version.',
    yaml: true,
    creates: true,
  })
  registerPlaybook(input: executor.RegisterPlaybook, ctx: CallContext): Promise<executor.PlaybookView> {
    return this.bus.call(ctx, executor.playbook.register, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/playbooks/validate',
    needs: 'playbook.read',
    limit: 'general',
    input: executor.RegisterPlaybook,
    answers: { 200: executor.PlaybookView },
    doc: 'Checks a playbook file without keeping it.',
    yaml: true,
  })
  validatePlaybook(input: executor.RegisterPlaybook, ctx: CallContext): Promise<executor.PlaybookView> {
    return this.bus.call(ctx, executor.playbook.validate, input);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/playbooks/:name',
    needs: 'playbook.read',
    limit: 'general',
    input: executor.PlaybookRef,
    answers: { 200: executor.PlaybookView },
    doc: 'The newest version of a playbook, with its source.',
  })
  getPlaybook(input: executor.PlaybookRef, ctx: CallContext): Promise<executor.PlaybookView> {
    return this.bus.call(ctx, executor.playbook.get, input);
  }
}
