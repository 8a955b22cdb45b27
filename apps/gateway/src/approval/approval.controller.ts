import { type CallContext, executor, governance } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';
import { ApproveAction, editIn, RejectAction } from './approval.messages.js';

/** An edit is checked by the tool and assessed, then decided about. */
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
    const { arguments: _none, ...said } = input;
    const edit = editIn(input);
    if (edit) return this.approveEdited(ctx, edit, said);
    return this.bus.call(ctx, governance.approval.decide, { ...said, decision: 'approve' });
  }

  /** The executor says what the arguments make of the action; the yes to it goes to governance from here alone. */
  private async approveEdited(
    ctx: CallContext,
    edit: executor.EditAction,
    { reason }: RejectAction,
  ): Promise<governance.ApprovalView> {
    const { request } = await this.bus.call(ctx, executor.action.edit, edit, { timeoutMs: EDIT_TIMEOUT_MS });
    const said = { ...edit, request, ...(reason !== undefined && { reason }) };
    return this.bus.call(ctx, governance.approval.edit, said, { timeoutMs: EDIT_TIMEOUT_MS });
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
