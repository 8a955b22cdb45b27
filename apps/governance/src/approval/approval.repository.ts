import type { CallContext, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Tx } from '#persistence';
import { ENV } from '#service';
import { Inject, Injectable } from '@nestjs/common';
import { In, LessThan } from 'typeorm';
import type { Env } from '../env.js';
import type { PolicyDecision } from '../policy/policy.types.js';
import { Approval } from './approval.entity.js';
import { approvalNotFound } from './approval.errors.js';
import { approvalSources, tierApprovers } from './approval.rules.js';
import { Vote } from './vote.entity.js';

export interface LockedApproval {
  approval: Approval;
  /** Oldest first. */
  votes: Vote[];
  /** The database's clock, read when the row was already ours. */
  now: Date;
}

@Injectable()
export class ApprovalRepository {
  constructor(@Inject(ENV) private readonly env: Pick<Env, 'APPROVAL_TIMEOUT_SECONDS'>) {}

  /** The one row of an action key. Of two at once the second waits for the first one's commit and gets its row. */
  async request(
    tx: Tx,
    ctx: CallContext,
    action: governance.DecideAction,
    decision: PolicyDecision,
  ): Promise<{ approval: Approval; created: boolean }> {
    const { execution_id, step, index, digest } = action;
    const row = {
      id: uuidv7(),
      team_id: ctx.team,
      execution_id,
      step,
      index,
      digest,
      request: action,
      tier_needed: decision.tier_needed,
      approvers_needed: tierApprovers(decision.tier_needed!),
      determining_policies: decision.determining_policies,
      policy_epoch: decision.policy_epoch,
      input_digest: decision.input_digest,
      reasons: decision.reasons,
      requested_by: ctx.principal,
      on_behalf_of: ctx.on_behalf_of,
      trace: ctx.trace ?? null,
    };
    const columns = Object.keys(row).join(', ');
    const inserted = await tx.query(
      `INSERT INTO approval (${columns}, status, requested_at, expires_at)
       SELECT ${columns}, 'pending', clock.now, clock.now + $2 * interval '1 second'
       FROM jsonb_populate_record(NULL::approval, $1), (SELECT clock_timestamp()::timestamptz(3) AS now) AS clock
       ON CONFLICT (team_id, execution_id, step, index) DO NOTHING RETURNING id`,
      [row, this.env.APPROVAL_TIMEOUT_SECONDS],
    );
    const approval = await tx.findOneByOrFail(Approval, { execution_id, step, index });
    return { approval, created: inserted.length > 0 };
  }

  /** @throws AppError `approval.not_found` */
  async get(tx: Tx, id: string): Promise<Approval> {
    const found = await tx.findOneBy(Approval, { id });
    if (!found) throw approvalNotFound();
    return found;
  }

  /**
   * The row, locked to the end of the transaction, and everything decided about it.
   * @throws AppError `approval.not_found`
   */
  async lock(tx: Tx, id: string): Promise<LockedApproval> {
    const approval = await tx.findOne(Approval, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!approval) throw approvalNotFound();
    const votes = await this.votes(tx, [id]);
    // A statement of its own: one that waited for the lock would carry the time from before the wait.
    return { approval, votes, now: await this.now(tx) };
  }

  /** The database's clock. */
  async now(tx: Tx): Promise<Date> {
    const [{ now }] = await tx.query(`SELECT clock_timestamp() AS now`);
    return now;
  }

  votes(tx: Tx, approvalIds: string[]): Promise<Vote[]> {
    return tx.find(Vote, { where: { approval_id: In(approvalIds) }, order: { at: 'ASC', user_id: 'ASC' } });
  }

  async addVote(tx: Tx, vote: Omit<Vote, 'at'>): Promise<void> {
    await tx.insert(Vote, vote);
  }

  /** Newest first; `before` is the last id of the page before. */
  list(
    tx: Tx,
    {
      limit,
      before,
      status,
      execution_id,
    }: Omit<governance.ListApprovals, 'cursor'> & { limit: number; before?: string },
  ): Promise<Approval[]> {
    return tx.find(Approval, {
      where: {
        ...(before && { id: LessThan(before) }),
        ...(status && { status }),
        ...(execution_id && { execution_id }),
      },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  async pendingOf(tx: Tx, executionId: string): Promise<string[]> {
    const rows = await tx.find(Approval, {
      where: { execution_id: executionId, status: 'pending' },
      select: { id: true },
    });
    return rows.map(({ id }) => id);
  }

  /** Null when the row is in no status from which it may become this one: somebody was first. */
  async end(tx: Tx, id: string, status: 'approved' | 'rejected' | 'expired' | 'withdrawn'): Promise<Approval | null> {
    const [[ended]] = await tx.query(
      `UPDATE approval SET status = $2, decided_at = clock_timestamp(), fact_version = fact_version + 1
       WHERE id = $1 AND status = ANY($3) RETURNING *`,
      [id, status, approvalSources(status)],
    );
    return (ended as Approval | undefined) ?? null;
  }

  async claim(tx: Tx, id: string): Promise<void> {
    await tx.query(
      `UPDATE approval SET status = 'claimed', claimed_at = clock_timestamp() WHERE id = $1 AND status = ANY($2)`,
      [id, approvalSources('claimed')],
    );
  }
}
