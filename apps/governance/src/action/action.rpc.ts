import { type CallContext, governance } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { ActionService } from './action.service.js';

@Controller()
export class ActionRpc implements RpcHandlers<typeof governance.action> {
  constructor(private readonly actions: ActionService) {}

  @Handles(governance.action.decide)
  decide(input: governance.DecideAction, ctx: CallContext) {
    return this.actions.decide(ctx, input);
  }
}
