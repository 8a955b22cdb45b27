import { type CallContext, governance } from '#contracts';
import { Database, FactLog, type Tx } from '#persistence';
import { Injectable, Logger } from '@nestjs/common';
import type { Approval } from '../approval/approval.entity.js';
import { APPROVAL_MESSAGES } from '../approval/approval.errors.js';
import { ApprovalRepository } from '../approval/approval.repository.js';
import { isAboutAction } from '../approval/approval.rules.js';
import { approvalFact } from '../approval/approval.view.js';
import { mayBeBypassed } from '../bypass/bypass.rules.js';
import { BypassService } from '../bypass/bypass.service.js';
import type { PolicyDecision } from '../policy/policy.types.js';
import { ActionPolicy } from './action.policy.js';
import { DecisionRecorder } from './decision.recorder.js';

/**
 * The gate every action passes: policy answers, and where it asks for people one pending approval is written, unless one
 * of them has given a bypass.
 */
@Injectable()
export class ActionService {
  private readonly log = new Logger(ActionService.name);

  constructor(
    private readonly database: Database,
    private readonly policy: ActionPolicy,
    private readonly approvals: ApprovalRepository,
    private readonly bypasses: BypassService,
    private readonly facts: FactLog,
    private readonly recorder: DecisionRecorder,
  ) {}

  /** @throws AppError `kill_switch.unknown`, retryable */
  async decide(ctx: CallContext, action: governance.DecideAction): Promise<governance.ActionDecision> {
    await this.policy.fresh();
    const decision = this.policy.decide(ctx, action, 0);
    const said = decision.decision === 'ask' ? await this.ask(ctx, action, decision) : plain(decision);
    const guarded = this.policy.guardedBeside(ctx, action.paths);
    const answer = { ...said, guarded, sensitive: this.policy.isSensitive(ctx, action.paths) };
    if (answer.decision === 'deny') {
      const { execution_id, step, index, tool } = action;
      const isKilled = this.policy.isKilled(ctx, action);
      await this.database.inTeam(ctx, async (tx) => {
        await this.recorder.input(tx, ctx, action, decision);
        if (!isKilled) await this.recorder.violation(tx, ctx, action, answer);
      });
      this.log.log({ denied: { execution_id, step, index, tool, reasons: answer.reasons } });
    }
    return answer;
  }

  /** A repeat gets the first row and what it says; another action under the same key is denied, the row stays. */
  private ask(ctx: CallContext, action: governance.DecideAction, decision: PolicyDecision): Promise<Said> {
    return this.database.inTeam(ctx, async (tx) => {
      const isNew = (await this.approvals.ofKey(tx, action)) === null;
      const passed = isNew && mayBeBypassed(decision) ? await this.pass(tx, ctx, action) : null;
      if (passed) return passed;
      const { approval, created } = await this.approvals.request(tx, ctx, action, decision);
      if (!isAboutAction(approval, action)) {
        const reasons = [APPROVAL_MESSAGES['approval.changed']];
        return plain({ ...decision, decision: 'deny', tier_needed: null, determining_policies: [], reasons });
      }
      if (created) {
        await this.recorder.input(tx, ctx, action, decision);
        await this.facts.append(tx, ctx, governance.approvalRequested, {
          aggregate_id: approval.id,
          version: approval.fact_version,
          body: { ...approvalFact(approval), tool: action.tool, expires_at: approval.expires_at.toISOString() },
        });
      }
      return asked(approval);
    });
  }

  /** Null when policy, with whoever gave it as the approver, does not allow the action, or nobody gave one. */
  private async pass(tx: Tx, ctx: CallContext, action: governance.DecideAction): Promise<Said | null> {
    const decision = this.policy.decide(ctx, action, 1);
    const bypass = decision.decision === 'allow' ? await this.bypasses.use(tx, ctx, action) : null;
    if (!bypass) return null;
    const said = `A bypass given by ${bypass.given_by} stood in for the approver (use ${bypass.use}).`;
    return { ...plain(decision), reasons: [...decision.reasons, said], bypass };
  }
}

type Said = Omit<governance.ActionDecision, 'guarded' | 'sensitive'>;

const plain = (decision: PolicyDecision): Said => ({
  ...decision,
  approval_id: null,
  expires_at: null,
});

const asked = (approval: Approval): Said => ({
  decision: 'ask',
  tier_needed: approval.tier_needed,
  determining_policies: approval.determining_policies,
  policy_epoch: approval.policy_epoch,
  input_digest: approval.input_digest,
  reasons: approval.reasons,
  approval_id: approval.id,
  expires_at: approval.expires_at.toISOString(),
});
