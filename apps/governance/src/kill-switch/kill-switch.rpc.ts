import { type CallContext, governance } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { KillSwitchService } from './kill-switch.service.js';

@Controller()
export class KillSwitchRpc implements RpcHandlers<typeof governance.killSwitch> {
  constructor(private readonly switches: KillSwitchService) {}

  @Handles(governance.killSwitch.engage)
  engage(input: governance.EngageKillSwitch, ctx: CallContext) {
    return this.switches.engage(ctx, input);
  }

  @Handles(governance.killSwitch.release)
  release(input: governance.ReleaseKillSwitch, ctx: CallContext) {
    return this.switches.release(ctx, input);
  }

  @Handles(governance.killSwitch.list)
  list(input: governance.ListKillSwitches, ctx: CallContext) {
    return this.switches.list(ctx, input);
  }

  @Handles(governance.killSwitch.report)
  report(input: governance.ReportExecutor) {
    return this.switches.report(input);
  }
}
