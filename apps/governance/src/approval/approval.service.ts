import { type CallContext, type governance, invalidInput } from '#contracts';
import { actionKeyText, isUuid } from '#kernel';
import { Database, earlierAnswer, once, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { ActionPolicy } from '../action/action.policy.js';
import { MemberRepository } from '../member/member.repository.js';
import { ApprovalEnding, EXPIRED } from './approval.ending.js';
import { approvalRefused, type Refusal } from './approval.errors.js';
import { ApprovalRepository, type LockedApproval } from './approval.repository.js';
import { approversOf, judgeClaim, judgeVote, stillApprovers, type VoteJudgement } from './approval.rules.js';
import { approvalState, approvalSummary, approvalView, readerOf, voterView } from './approval.view.js';

const PAGE = 50;

/** A refusal may have written something (the row it found expired), so it leaves the transaction as a value. */
type Outcome<T> = { ok: T } | { refused: Refusal };

/** What people and the executor do with approvals. Every answer about one row is given under its lock. */
@Injectable()
export class ApprovalService {
  constructor(
    private readonly database: Database,
    private readonly approvals: ApprovalRepository,
    private readonly ending: ApprovalEnding,
    private readonly members: MemberRepository,
    private readonly policy: ActionPolicy,
  ) {}

  /** @throws AppError `input.invalid` for a cursor that is none */
  list(ctx: CallContext, input: governance.ListApprovals): Promise<governance.ApprovalPage> {
    const { status, execution_id, cursor, limit = PAGE } = input;
    if (cursor !== undefined && !isUuid(cursor)) {
      throw invalidInput([{ path: '/cursor', message: 'must be the next_cursor of the page before' }]);
    }
    return this.database.inTeam(ctx, async (tx) => {
      const rows = await this.approvals.list(tx, { limit: limit + 1, before: cursor, status, execution_id });
      const page = rows.slice(0, limit);
      const votes = await this.approvals.votes(
        tx,
        page.map(({ id }) => id),
      );
      const look = { reader: readerOf(ctx), now: await this.approvals.now(tx) };
      return {
        items: page.map((row) => approvalSummary(row, votes, look)),
        next_cursor: rows.length > limit ? page.at(-1)!.id : null,
      };
    });
  }

  /** @throws AppError `approval.not_found` */
  get(ctx: CallContext, id: string): Promise<governance.ApprovalView> {
    return this.database.inTeam(ctx, (tx) => this.view(tx, ctx, id));
  }

  /** @throws AppError `approval.not_found` and every VoteRefusal */
  async decide(ctx: CallContext, input: governance.DecideApproval): Promise<governance.ApprovalView> {
    const reason = input.reason?.trim().toWellFormed() || null;
    const outcome = await this.database.inTeam(ctx, async (tx): Promise<Outcome<governance.ApprovalView>> => {
      // Locked first: a concurrent twin waits here and finds the answer, before it is judged as a second vote.
      const locked = await this.approvals.lock(tx, input.id);
      const earlier = await earlierAnswer<governance.ApprovalView>(tx, ctx, input);
      if (earlier) return { ok: earlier };
      const judged = judgeVote({
        approval: approvalState(locked.approval, locked.votes),
        voter: { ...readerOf(ctx), decision: input.decision, reason },
        now: locked.now.getTime(),
      });
      if (judged.kind === 'refused') return this.refuse(tx, locked, judged);
      const counted = once(tx, ctx, input, async () => {
        await this.count(tx, ctx, locked, judged, { decision: input.decision, reason });
        return this.view(tx, ctx, input.id);
      });
      return { ok: await counted };
    });
    return settled(outcome);
  }

  /** @throws AppError `approval.not_found` and every ClaimRefusal */
  async claim(ctx: CallContext, { id, request }: governance.ClaimApproval): Promise<governance.ApprovalClaim> {
    const key = actionKeyText(request);
    const outcome = await this.database.inTeam(ctx, async (tx): Promise<Outcome<governance.ApprovalClaim>> => {
      const locked = await this.approvals.lock(tx, id);
      const approval = approvalState(locked.approval, locked.votes);
      const approvers = approversOf(approval);
      const valid_approvers = stillApprovers(approvers, await this.members.known(tx, approvers));
      const fresh = this.policy.decide(ctx, request, valid_approvers.length);
      const now = locked.now.getTime();
      const { digest, preview } = request;
      const judged = judgeClaim({ approval, key, digest, preview: preview ?? [], now, fresh, valid_approvers });
      if (judged.kind === 'refused') return this.refuse(tx, locked, judged);
      if (!judged.repeated) await this.approvals.claim(tx, id);
      const people = locked.votes.filter(({ user_id }) => judged.approvers.includes(user_id)).map(voterView);
      return { ok: { approvers: people, policy_epoch: fresh.policy_epoch } };
    });
    return settled(outcome);
  }

  private async count(
    tx: Tx,
    ctx: CallContext,
    { approval: { id, team_id }, votes }: LockedApproval,
    judged: Extract<VoteJudgement, { kind: 'accepted' }>,
    said: Pick<governance.Vote, 'decision' | 'reason'>,
  ): Promise<void> {
    const vote = { approval_id: id, user_id: ctx.principal.id, team_id, name: ctx.principal.name, ...said };
    await this.approvals.addVote(tx, vote);
    if (judged.status === 'pending') return;
    const agreeing = [...votes, vote].filter(({ decision }) => decision === said.decision);
    await this.ending.end(tx, id, { status: judged.status, by: agreeing.map(voterView), reason: said.reason }, ctx);
  }

  /** Whoever finds the deadline passed writes it down; the sweep need not come by first. */
  private async refuse(tx: Tx, { approval }: LockedApproval, { code, path }: Refusal): Promise<{ refused: Refusal }> {
    if (code === 'approval.expired') await this.ending.end(tx, approval.id, EXPIRED);
    return { refused: { code, path } };
  }

  private async view(tx: Tx, ctx: CallContext, id: string): Promise<governance.ApprovalView> {
    const approval = await this.approvals.get(tx, id);
    const look = { reader: readerOf(ctx), now: await this.approvals.now(tx) };
    return approvalView(approval, await this.approvals.votes(tx, [id]), look);
  }
}

const settled = <T>(outcome: Outcome<T>): T => {
  if ('refused' in outcome) throw approvalRefused(outcome.refused);
  return outcome.ok;
};
