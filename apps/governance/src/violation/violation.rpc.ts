import { type CallContext, governance } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { ViolationService } from './violation.service.js';

@Controller()
export class ViolationRpc implements RpcHandlers<typeof governance.violation> {
  constructor(private readonly violations: ViolationService) {}

  @Handles(governance.violation.list)
  list(input: governance.ListViolations, ctx: CallContext) {
    return this.violations.list(ctx, input);
  }

  @Handles(governance.violation.get)
  get(input: governance.ViolationRef, ctx: CallContext) {
    return this.violations.get(ctx, input.id);
  }

  @Handles(governance.violation.change)
  change(input: governance.ChangeViolation, ctx: CallContext) {
    return this.violations.change(ctx, input);
  }
}
