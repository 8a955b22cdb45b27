import { type CallContext, governance } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { Endpoint } from '../http/endpoint.js';

/** The decision is in the path's last word. */
export class AnswerApproval extends OmitType(governance.DecideApproval, ['decision']) {}

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
    input: AnswerApproval,
    answers: { 200: governance.ApprovalView },
    doc: 'Says yes to this very action; nobody approves what they asked for.',
  })
  approve(input: AnswerApproval, ctx: CallContext): Promise<governance.ApprovalView> {
    return this.bus.call(ctx, governance.approval.decide, { ...input, decision: 'approve' });
  }

  @Endpoint({
    method: 'POST',
    path: '/api/autonomy/approvals/:id/reject',
    needs: 'approval.decide',
    limit: 'general',
    input: AnswerApproval,
    answers: { 200: governance.ApprovalView },
    doc: 'Says no; needs a reason.',
  })
  reject(input: AnswerApproval, ctx: CallContext): Promise<governance.ApprovalView> {
    return this.bus.call(ctx, governance.approval.decide, { ...input, decision: 'reject' });
  }
}
