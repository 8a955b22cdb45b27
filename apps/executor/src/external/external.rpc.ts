import { type CallContext, executor } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { ExternalService } from './external.service.js';

@Controller()
export class ExternalRpc implements RpcHandlers<typeof executor.loop> {
  constructor(private readonly external: ExternalService) {}

  @Handles(executor.loop.execute)
  execute(input: executor.ProposeAction, ctx: CallContext) {
    return this.external.execute(ctx, input);
  }
}
