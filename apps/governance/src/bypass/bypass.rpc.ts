import { type CallContext, governance } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { BypassService } from './bypass.service.js';

@Controller()
export class BypassRpc implements RpcHandlers<typeof governance.bypass> {
  constructor(private readonly bypasses: BypassService) {}

  @Handles(governance.bypass.add)
  add(input: governance.AddBypass, ctx: CallContext) {
    return this.bypasses.add(ctx, input);
  }

  @Handles(governance.bypass.list)
  async list(input: governance.ListBypasses, ctx: CallContext) {
    return this.bypasses.list(ctx, input);
  }

  @Handles(governance.bypass.revoke)
  revoke(input: governance.BypassRef, ctx: CallContext) {
    return this.bypasses.revoke(ctx, input.id);
  }
}
