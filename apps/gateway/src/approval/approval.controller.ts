import { type CallContext, executor, governance } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';
import { ApproveAction, type Edit, editIn, RejectAction } from './approval.messages.js';

/** An edit is checked by the tool and assessed. */
const EDIT_TIMEOUT_MS = 15_000;

@Controller()
export class ApprovalController {
  constructor(private readonly bus: Bus) {}

  @Endpoint({
    method: 'GET',
    path: '/api/autonomy/approvals',
    needs: 'approval.read',
    limit: 'general',
    input: governance.ListApprovals,
    answers: { 200: governance.ApprovalPage },
    doc: 'What people were asked, newest first.',
  })
  listApprovals(input: governance.ListApprovals, ctx: CallContext): Promise<governance.ApprovalPage> {
    return this.bus.call(ctx, governance.approval.list, input);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/autonomy/approvals/:id',
    needs: 'approval.read',
    limit: 'general',
    input: governance.ApprovalRef,
    answers: { 200: governance.ApprovalView },
    doc: 'One question to people: the exact action, why policy asks, and who answered.',
  })
  getApproval(input: governance.ApprovalRef, ctx: CallContext): Promise<governance.ApprovalView> {
    return this.bus.call(ctx, governance.approval.get, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/autonomy/approvals/:id/approve',
    needs: 'approval.decide',
    limit: 'general',
    input: ApproveAction,
    answers: { 200: governance.ApprovalView },
    doc: 'Says yes to this very action, or to other arguments of it; nobody approves what they asked for.',
    creates: true,
  })
  approve(input: ApproveAction, ctx: CallContext): Promise<governance.ApprovalView> {
    const edit = editIn(input);
    if (edit) return this.approveEdited(edit, ctx);
    const { arguments: _none, ...said } = input;
    return this.bus.call(ctx, governance.approval.decide, { ...said, decision: 'approve' });
  }

  /** The executor makes an action of the arguments; the yes to it goes to governance from here, as every other one. */
  private async approveEdited(edit: Edit, ctx: CallContext): Promise<governance.ApprovalView> {
    const { reason: _reason, ...written } = edit;
    const { request } = await this.bus.call(ctx, executor.action.edit, written, { timeoutMs: EDIT_TIMEOUT_MS });
    // Null for a repeat whose run has gone on, too: governance knows what it has answered.
    return this.bus.call(ctx, governance.approval.edit, { ...edit, request });
  }

  @Endpoint({
    method: 'POST',
    path: '/api/autonomy/approvals/:id/reject',
    needs: 'approval.decide',
    limit: 'general',
    input: RejectAction,
    answers: { 200: governance.ApprovalView },
    doc: 'Says no; needs a reason.',
    creates: true,
  })
  reject(input: RejectAction, ctx: CallContext): Promise<governance.ApprovalView> {
    return this.bus.call(ctx, governance.approval.decide, { ...input, decision: 'reject' });
  }
}
