import { type CallContext, governance } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { AutonomyService } from './autonomy.service.js';

@Controller()
export class AutonomyRpc implements RpcHandlers<typeof governance.autonomy> {
  constructor(private readonly autonomy: AutonomyService) {}

  @Handles(governance.autonomy.status)
  status(_input: governance.ReadAutonomy, ctx: CallContext) {
    return this.autonomy.status(ctx);
  }
}
