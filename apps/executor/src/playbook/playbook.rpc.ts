import { type CallContext, executor } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { PlaybookService } from './playbook.service.js';

@Controller()
export class PlaybookRpc implements RpcHandlers<typeof executor.playbook> {
  constructor(private readonly playbooks: PlaybookService) {}

  @Handles(executor.playbook.register)
  register(input: executor.RegisterPlaybook, ctx: CallContext) {
    return this.playbooks.register(ctx, input);
  }

  @Handles(executor.playbook.validate)
  validate(input: executor.RegisterPlaybook) {
    return this.playbooks.validate(input.source);
  }

  @Handles(executor.playbook.get)
  get(input: executor.PlaybookRef, ctx: CallContext) {
    return this.playbooks.get(ctx, input.name);
  }

  @Handles(executor.playbook.list)
  list(input: executor.ListPlaybooks, ctx: CallContext) {
    return this.playbooks.list(ctx, input);
  }
}
