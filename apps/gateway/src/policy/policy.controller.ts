import { type CallContext, governance } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { Endpoint } from '../http/endpoint.js';
import { asOwnAgent } from '../key/key.rules.js';

/** The decision is in the path's last word. */
export class AnswerPolicy extends OmitType(governance.VoteOnPolicy, ['decision']) {}

/** A trial waits for at most three others, a minute each. */
const TRIAL_TIMEOUT_MS = 280_000;

@Controller()
export class PolicyController {
  constructor(private readonly bus: Bus) {}

  @Endpoint({
    method: 'GET',
    path: '/api/governance/policies',
    needs: 'policy.read',
    limit: 'general',
    input: governance.ListPolicies,
    answers: { 200: governance.PolicyOverview },
    doc: 'The bundle in force, its epoch, the processes that decide by it, and what was written, newest first.',
  })
  listPolicies(input: governance.ListPolicies, ctx: CallContext): Promise<governance.PolicyOverview> {
    return this.bus.call(ctx, governance.policy.list, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/governance/evaluate',
    needs: 'policy.read',
    limit: 'general',
    input: governance.EvaluateAction,
    answers: { 200: governance.Evaluation },
    doc: 'What would be decided about an action now, kill switches included, why, and what would change it; nothing is done and nobody asked.',
  })
  evaluate(input: governance.EvaluateAction, ctx: CallContext): Promise<governance.Evaluation> {
    return this.bus.call(ctx, governance.evaluation.evaluate, asOwnAgent(ctx, input));
  }

  @Endpoint({
    method: 'POST',
    path: '/api/governance/policies',
    needs: 'policy.write',
    limit: 'general',
    input: governance.DraftPolicy,
    answers: { 201: governance.PolicyView },
    creates: true,
    doc: 'Keeps a bundle as a draft; the same files by the same author on the same epoch are one.',
  })
  draftPolicy(input: governance.DraftPolicy, ctx: CallContext): Promise<governance.PolicyView> {
    return this.bus.call(ctx, governance.policy.draft, input);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/governance/policies/:policy_id',
    needs: 'policy.read',
    limit: 'general',
    input: governance.PolicyRef,
    answers: { 200: governance.PolicyView },
    doc: 'One bundle: its files, what its trials said, and who approved it.',
  })
  getPolicy(input: governance.PolicyRef, ctx: CallContext): Promise<governance.PolicyView> {
    return this.bus.call(ctx, governance.policy.get, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/governance/policies/:policy_id/validate',
    needs: 'policy.write',
    limit: 'general',
    input: governance.PolicyRef,
    answers: { 200: governance.PolicyView },
    doc: 'Parses and validates it in a process of its own, and runs its tests; the answer is in `check`.',
  })
  validatePolicy(input: governance.PolicyRef, ctx: CallContext): Promise<governance.PolicyView> {
    return this.bus.call(ctx, governance.policy.validate, input, { timeoutMs: TRIAL_TIMEOUT_MS });
  }

  @Endpoint({
    method: 'POST',
    path: '/api/governance/policies/:policy_id/shadow',
    needs: 'policy.write',
    limit: 'general',
    input: governance.PolicyRef,
    answers: { 200: governance.PolicyView },
    doc: 'Replays the newest 10,000 recorded decisions; what would be decided otherwise is in `shadow`.',
  })
  shadowPolicy(input: governance.PolicyRef, ctx: CallContext): Promise<governance.PolicyView> {
    return this.bus.call(ctx, governance.policy.shadow, input, { timeoutMs: TRIAL_TIMEOUT_MS });
  }

  @Endpoint({
    method: 'POST',
    path: '/api/governance/policies/:policy_id/publish',
    needs: 'policy.write',
    limit: 'general',
    input: governance.PolicyRef,
    answers: { 200: governance.PolicyView },
    doc: 'Asks people for it. It is in force under the next epoch once two of them, other than its author, approve.',
  })
  publishPolicy(input: governance.PolicyRef, ctx: CallContext): Promise<governance.PolicyView> {
    return this.bus.call(ctx, governance.policy.publish, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/governance/policies/:policy_id/approve',
    needs: 'approval.decide',
    limit: 'general',
    input: AnswerPolicy,
    answers: { 200: governance.PolicyView },
    doc: 'Says yes to this very bundle; nobody approves what they wrote.',
  })
  approvePolicy(input: AnswerPolicy, ctx: CallContext): Promise<governance.PolicyView> {
    return this.bus.call(ctx, governance.policy.decide, { ...input, decision: 'approve' });
  }

  @Endpoint({
    method: 'POST',
    path: '/api/governance/policies/:policy_id/reject',
    needs: 'approval.decide',
    limit: 'general',
    input: AnswerPolicy,
    answers: { 200: governance.PolicyView },
    doc: 'Says no; needs a reason.',
  })
  rejectPolicy(input: AnswerPolicy, ctx: CallContext): Promise<governance.PolicyView> {
    return this.bus.call(ctx, governance.policy.decide, { ...input, decision: 'reject' });
  }

  @Endpoint({
    method: 'POST',
    path: '/api/governance/policies/:policy_id/rollback',
    needs: 'policy.write',
    limit: 'general',
    input: governance.RollBackPolicy,
    answers: { 201: governance.PolicyView },
    creates: true,
    doc: 'Asks for the content of a bundle that was in force, under a new epoch; one person other than the caller approves.',
  })
  rollBackPolicy(input: governance.RollBackPolicy, ctx: CallContext): Promise<governance.PolicyView> {
    return this.bus.call(ctx, governance.policy.rollback, input, { timeoutMs: TRIAL_TIMEOUT_MS });
  }
}
