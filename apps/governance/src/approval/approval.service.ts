import type { CallContext, governance } from '#contracts';
import { actionKeyText } from '#kernel';
import { Database, earlierAnswer, once, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { ActionPolicy } from '../action/action.policy.js';
import { MemberRepository } from '../member/member.repository.js';
import { ApprovalChanges, EXPIRED } from './approval.changes.js';
import { judgeEdit } from './approval-edit.rules.js';
import { approvalRefused, type Refusal } from './approval.errors.js';
import { ApprovalReader } from './approval.reader.js';
import { ApprovalRepository, type LockedApproval } from './approval.repository.js';
import { approversOf, judgeClaim, judgeVote, reasonOf, stillApprovers } from './approval.rules.js';
import { approvalState, countedVotes, readerOf, voterView } from './approval.view.js';

/** A refusal may have written something (the row it found expired), so it leaves the transaction as a value. */
type Outcome<T> = { ok: T } | { refused: Refusal };

/** What people and the executor do with approvals. Every answer about one row is given under its lock. */
@Injectable()
export class ApprovalService {
  constructor(
    private readonly database: Database,
    private readonly approvals: ApprovalRepository,
    private readonly reader: ApprovalReader,
    private readonly changes: ApprovalChanges,
    private readonly members: MemberRepository,
    private readonly policy: ActionPolicy,
  ) {}

  /** @throws AppError `approval.not_found` and every VoteRefusal */
  async decide(ctx: CallContext, input: governance.DecideApproval): Promise<governance.ApprovalView> {
    const reason = reasonOf(input);
    const { decision, digest: seen } = input;
    return this.answer(ctx, input, async (tx, locked) => {
      const judged = judgeVote({
        approval: approvalState(locked.approval, locked.votes),
        voter: { ...readerOf(ctx), decision, reason, seen },
        now: locked.now.getTime(),
      });
      if (judged.kind === 'refused') return this.refuse(tx, locked, judged);
      return { ok: () => this.changes.vote(tx, ctx, locked, { decision, reason }, judged.status) };
    });
  }

  /**
   * A yes to other arguments than those that are there.
   * @throws AppError `approval.not_found` and every EditRefusal
   */
  async edit(ctx: CallContext, input: governance.EditApproval): Promise<governance.ApprovalView> {
    const { request, ...said } = input;
    // What the executor makes of a repeat may differ; what the reviewer said does not.
    const asSaid = Object.assign(Object.create(Object.getPrototypeOf(input) as object) as object, said);
    return this.answer(ctx, asSaid, async (tx, locked) => {
      const { approval, votes } = locked;
      const asked = approval.request;
      const asRequester = { ...ctx, principal: approval.requested_by, on_behalf_of: approval.on_behalf_of };
      const fresh = this.policy.decide(asRequester, request ?? asked, 0);
      const judged = judgeEdit({
        approval: approvalState(approval, votes),
        asked,
        editor: readerOf(ctx),
        seen: input.digest,
        edited: request && { ...request, key: actionKeyText(request) },
        fresh,
        now: locked.now.getTime(),
      });
      if (judged.kind === 'refused') return this.refuse(tx, locked, judged);
      const vote = { decision: 'approve' as const, reason: reasonOf(input) };
      return {
        ok: async () => {
          const edited = await this.changes.edit(tx, ctx, approval, request!, fresh);
          await this.changes.vote(tx, ctx, { approval: edited, votes, now: locked.now }, vote, judged.status);
        },
      };
    });
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
      const { digest, preview, paths } = request;
      const judged = judgeClaim({ approval, key, digest, preview: preview ?? [], now, fresh, valid_approvers });
      if (judged.kind === 'refused') return this.refuse(tx, locked, judged);
      if (!judged.repeated) await this.changes.claim(tx, ctx, id, locked.now);
      const counted = countedVotes(locked.approval, locked.votes);
      const people = counted.filter(({ user_id }) => judged.approvers.includes(user_id)).map(voterView);
      const editor = await this.approvals.editor(tx, locked.approval);
      const { policy_epoch } = fresh;
      const guarded = this.policy.guardedBeside(ctx, paths);
      const sensitive = this.policy.isSensitive(ctx, paths);
      return { ok: { approvers: people, policy_epoch, guarded, sensitive, edited_by: editor && voterView(editor) } };
    });
    return settled(outcome);
  }

  /** What a person says, once for each key, under the row's lock; `judge` says what it does, or why it is refused. */
  private async answer(
    ctx: CallContext,
    said: { id: string },
    judge: (tx: Tx, locked: LockedApproval) => Promise<Outcome<() => Promise<void>>>,
  ): Promise<governance.ApprovalView> {
    const outcome = await this.database.inTeam(ctx, async (tx): Promise<Outcome<governance.ApprovalView>> => {
      // Locked first: a concurrent twin waits here and finds the answer, before it is judged as a second vote.
      const locked = await this.approvals.lock(tx, said.id);
      const earlier = await earlierAnswer<governance.ApprovalView>(tx, ctx, said);
      if (earlier) return { ok: earlier };
      const judged = await judge(tx, locked);
      if ('refused' in judged) return judged;
      const counted = once(tx, ctx, said, async () => {
        await judged.ok();
        return this.reader.view(tx, ctx, said.id);
      });
      return { ok: await counted };
    });
    return settled(outcome);
  }

  /** Whoever finds the deadline passed writes it down; the sweep need not come by first. */
  private async refuse(tx: Tx, { approval }: LockedApproval, refusal: Refusal): Promise<{ refused: Refusal }> {
    if (refusal.code === 'approval.expired') await this.changes.end(tx, approval.id, EXPIRED);
    return { refused: refusal };
  }
}

const settled = <T>(outcome: Outcome<T>): T => {
  if ('refused' in outcome) throw approvalRefused(outcome.refused);
  return outcome.ok;
};
