import { type CallContext, type Fact, governance, type Principal } from '#contracts';
import { Bus } from '#messaging';
import { afterCommit, FactLog, type Tx } from '#persistence';
import { currentTrace } from '#telemetry';
import { Injectable } from '@nestjs/common';
import type { PolicyDecision } from '../policy/policy.types.js';
import type { Approval } from './approval.entity.js';
import { ApprovalRepository, type LockedApproval } from './approval.repository.js';
import { approvalFact, countedVotes, voterView } from './approval.view.js';

export interface ApprovalEnd {
  status: governance.ApprovalDecided['status'];
  /** The people whose word it was; empty when the clock or the run decided. */
  by: Principal[];
  reason: string | null;
  /** When people said it, by the database's clock under the row's lock; absent, now. */
  at?: Date;
}

export const EXPIRED: ApprovalEnd = { status: 'expired', by: [], reason: 'The deadline has passed.' };
const WITHDRAWN: ApprovalEnd = { status: 'withdrawn', by: [], reason: 'The run ended before it was decided.' };
/** Who hears of what waits for too long. */
const ESCALATED_TO = 'admin';

type Said = Pick<governance.Vote, 'decision' | 'reason'>;

/** Every change of an approval is one conditional update and one fact; its end is shown at once, too. */
@Injectable()
export class ApprovalChanges {
  constructor(
    private readonly approvals: ApprovalRepository,
    private readonly facts: FactLog,
    private readonly bus: Bus,
  ) {}

  /** Counts a vote that was judged, under the row's lock; `status`: what it makes of the approval. */
  async vote(
    tx: Tx,
    ctx: CallContext,
    { approval, votes, now: at }: Pick<LockedApproval, 'approval' | 'votes' | 'now'>,
    { decision, reason }: Said,
    status: 'pending' | 'approved' | 'rejected',
  ): Promise<void> {
    const { id, team_id, version } = approval;
    const { id: user_id, name } = ctx.principal;
    const vote = { approval_id: id, user_id, version, team_id, name, decision, reason, at };
    await this.approvals.addVote(tx, vote);
    const agreeing = [...countedVotes(approval, votes), vote].filter((one) => one.decision === decision);
    if (status !== 'pending')
      return void (await this.end(tx, id, { status, by: agreeing.map(voterView), reason, at }, ctx));
    await this.append(tx, ctx, governance.approvalVoted, await this.approvals.tell(tx, id), {
      by: voterView(vote),
      approvals: agreeing.length,
      approvers_needed: approval.approvers_needed,
    });
  }

  /** The row as it is with the edited action; every vote before is void. */
  async edit(
    tx: Tx,
    ctx: CallContext,
    approval: Approval,
    edited: governance.DecideAction,
    fresh: PolicyDecision,
  ): Promise<Approval> {
    const { id: user_id, name } = ctx.principal;
    const now = await this.approvals.edit(tx, approval, edited, fresh, { user_id, name });
    const by = voterView({ user_id, name });
    await this.append(tx, ctx, governance.approvalEdited, now, { by, before_digest: approval.digest });
    return now;
  }

  /** `at`: when it was judged, under the row's lock. */
  async claim(tx: Tx, ctx: CallContext, id: string, at: Date): Promise<void> {
    await this.append(tx, ctx, governance.approvalClaimed, await this.approvals.claim(tx, id, at), {});
  }

  /** False, and nothing written, when it has ended or was escalated before. */
  async escalate(tx: Tx, id: string): Promise<boolean> {
    const escalated = await this.approvals.escalate(tx, id);
    if (!escalated) return false;
    const expires_at = escalated.expires_at.toISOString();
    const told = { to: ESCALATED_TO, expires_at } as const;
    await this.append(tx, asRequested(escalated), governance.approvalEscalated, escalated, told);
    return true;
  }

  /**
   * False, and nothing written, when the approval had ended before. `ctx`: whose call ends it; absent, nobody's, and
   * the fact carries the context of the request.
   */
  async end(tx: Tx, id: string, { status, by, reason, at }: ApprovalEnd, ctx?: CallContext): Promise<boolean> {
    const ended = await this.approvals.end(tx, id, status, at ?? null);
    if (!ended) return false;
    await this.append(tx, ctx ?? asRequested(ended), governance.approvalDecided, ended, { status, by, reason });
    const { team_id: team, execution_id } = ended;
    // The run that waits need not wait for the relay, too.
    const trace = currentTrace();
    const answered = { team, approval_id: id, execution_id, status, ...(trace !== undefined && { trace }) };
    afterCommit(() => this.bus.show(governance.approvalAnswered, [team, execution_id], answered));
    return true;
  }

  /** Nobody needs to answer for a run that is over. What was approved already is left to its deadline. */
  async withdrawAll(tx: Tx, executionId: string): Promise<void> {
    for (const id of await this.approvals.pendingOf(tx, executionId)) await this.end(tx, id, WITHDRAWN);
  }

  private async append<B extends object>(
    tx: Tx,
    ctx: CallContext,
    fact: Fact<B>,
    approval: Approval,
    told: Omit<B, keyof ReturnType<typeof approvalFact>>,
  ): Promise<void> {
    const body = { ...approvalFact(approval), ...told } as unknown as B;
    await this.facts.append(tx, ctx, fact, { aggregate_id: approval.id, version: approval.fact_version, body });
  }
}

const asRequested = ({ team_id: team, requested_by: principal, on_behalf_of, trace }: Approval): CallContext => ({
  team,
  principal,
  on_behalf_of,
  roles: [],
  ...(trace && { trace }),
});
