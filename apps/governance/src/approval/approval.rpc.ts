import { type CallContext, governance } from '#contracts';
import { Handles, type RpcHandlers } from '#messaging';
import { Controller } from '@nestjs/common';
import { ApprovalReader } from './approval.reader.js';
import { ApprovalService } from './approval.service.js';

@Controller()
export class ApprovalRpc implements RpcHandlers<typeof governance.approval> {
  constructor(
    private readonly approvals: ApprovalService,
    private readonly reader: ApprovalReader,
  ) {}

  @Handles(governance.approval.list)
  async list(input: governance.ListApprovals, ctx: CallContext) {
    return this.reader.list(ctx, input);
  }

  @Handles(governance.approval.get)
  get(input: governance.ApprovalRef, ctx: CallContext) {
    return this.reader.get(ctx, input.id);
  }

  @Handles(governance.approval.decide)
  decide(input: governance.DecideApproval, ctx: CallContext) {
    return this.approvals.decide(ctx, input);
  }

  @Handles(governance.approval.edit)
  edit(input: governance.EditApproval, ctx: CallContext) {
    return this.approvals.edit(ctx, input);
  }

  @Handles(governance.approval.claim)
  claim(input: governance.ClaimApproval, ctx: CallContext) {
    return this.approvals.claim(ctx, input);
  }
}
