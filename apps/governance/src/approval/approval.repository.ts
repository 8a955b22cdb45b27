import type { CallContext, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Tx } from '#persistence';
import { ENV } from '#service';
import { Inject, Injectable } from '@nestjs/common';
import { In, LessThan, Raw } from 'typeorm';
import type { Env } from '../env.js';
import type { PolicyDecision } from '../policy/policy.types.js';
import { ApprovalEdit } from './approval-edit.entity.js';
import { Approval } from './approval.entity.js';
import { approvalNotFound } from './approval.errors.js';
import { approvalSources, tierApprovers } from './approval.rules.js';
import { type Belongings, MOST_SAME } from './approval.view.js';
import { Vote } from './vote.entity.js';

/** Ids are in the order of time. */
const OLDEST_OF_SAME = (digest: string): string =>
  `NOT ("Approval"."status" = 'pending' AND EXISTS (SELECT FROM approval AS older
     WHERE older.status = 'pending' AND older.digest = ${digest} AND older.id < "Approval"."id"))`;

export interface LockedApproval {
  approval: Approval;
  /** Oldest first. */
  votes: Vote[];
  /** The database's clock, read when the row was already ours. */
  now: Date;
}

@Injectable()
export class ApprovalRepository {
  constructor(
    @Inject(ENV) private readonly env: Pick<Env, 'APPROVAL_TIMEOUT_SECONDS' | 'APPROVAL_ESCALATE_AFTER_SECONDS'>,
  ) {}

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
      asked_digest: digest,
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
    const { APPROVAL_TIMEOUT_SECONDS, APPROVAL_ESCALATE_AFTER_SECONDS } = this.env;
    const columns = Object.keys(row).join(', ');
    const inserted = await tx.query(
      `INSERT INTO approval (${columns}, status, requested_at, expires_at, escalate_at)
       SELECT ${columns}, 'pending', clock.now, clock.now + $2 * interval '1 second',
         CASE WHEN $3 < $2 THEN clock.now + $3 * interval '1 second' END
       FROM jsonb_populate_record(NULL::approval, $1), (SELECT clock_timestamp()::timestamptz(3) AS now) AS clock
       ON CONFLICT (team_id, execution_id, step, index) DO NOTHING RETURNING id`,
      [row, APPROVAL_TIMEOUT_SECONDS, APPROVAL_ESCALATE_AFTER_SECONDS],
    );
    const approval = (await this.ofKey(tx, action))!;
    return { approval, created: inserted.length > 0 };
  }

  /** The row of an action key, whatever became of it. */
  ofKey(tx: Tx, { execution_id, step, index }: governance.DecideAction): Promise<Approval | null> {
    return tx.findOneBy(Approval, { execution_id, step, index });
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

  async belongings(tx: Tx, rows: readonly Approval[]): Promise<Belongings> {
    const ids = rows.map(({ id }) => id);
    const digests = rows.filter(({ status }) => status === 'pending').map(({ digest }) => digest);
    const same: { digest: string; ids: string[] }[] = await tx.query(
      `SELECT digest, (array_agg(id::text ORDER BY id))[:${MOST_SAME + 1}] AS ids FROM approval
       WHERE status = 'pending' AND digest = ANY($1) GROUP BY digest HAVING count(*) > 1`,
      [digests],
    );
    return {
      votes: await this.votes(tx, ids),
      edits: await tx.find(ApprovalEdit, { where: { approval_id: In(ids) }, order: { version: 'ASC' } }),
      pending: new Map(same.map(({ digest, ids: found }) => [digest, found])),
    };
  }

  /** Whose the arguments are; null when they are as they were asked for. */
  async editor(tx: Tx, { id, version }: Approval): Promise<ApprovalEdit | null> {
    return version === 0 ? null : tx.findOneBy(ApprovalEdit, { approval_id: id, version });
  }

  async addVote(tx: Tx, vote: Vote): Promise<void> {
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
      group,
    }: Omit<governance.ListApprovals, 'cursor'> & { limit: number; before?: string },
  ): Promise<Approval[]> {
    return tx.find(Approval, {
      where: {
        ...(before && { id: LessThan(before) }),
        ...(status && { status }),
        ...(execution_id && { execution_id }),
        ...(group && { digest: Raw(OLDEST_OF_SAME) }),
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

  /**
   * Null when the row is in no status from which it may become this one: somebody was first. `at`: when it was judged,
   * under the row's lock; that is the moment that counts beside the deadline.
   */
  async end(
    tx: Tx,
    id: string,
    status: 'approved' | 'rejected' | 'expired' | 'withdrawn',
    at: Date | null,
  ): Promise<Approval | null> {
    return this.changed(
      tx,
      `UPDATE approval SET status = $2, decided_at = coalesce($4, clock_timestamp()), fact_version = fact_version + 1
       WHERE id = $1 AND status = ANY($3) RETURNING *`,
      [id, status, approvalSources(status), at],
    );
  }

  /** Puts another action in the place of the one that was asked for; the row is locked. */
  async edit(
    tx: Tx,
    approval: Approval,
    edited: governance.DecideAction,
    fresh: PolicyDecision,
    who: Pick<ApprovalEdit, 'user_id' | 'name'>,
  ): Promise<Approval> {
    const version = approval.version + 1;
    const { determining_policies, policy_epoch, input_digest, reasons } = fresh;
    await tx.insert(ApprovalEdit, {
      approval_id: approval.id,
      version,
      team_id: approval.team_id,
      ...who,
      before: approval.request.arguments,
      after: edited.arguments,
      before_digest: approval.digest,
      after_digest: edited.digest,
    } as never);
    const fact_version = approval.fact_version + 1;
    const patch = { version, fact_version, digest: edited.digest, request: edited };
    const said = { determining_policies, policy_epoch, input_digest, reasons };
    await tx.update(Approval, { id: approval.id }, { ...patch, ...said } as never);
    return { ...approval, ...patch, ...said };
  }

  /** Null when it is no longer pending, or was escalated before. */
  async escalate(tx: Tx, id: string): Promise<Approval | null> {
    return this.changed(
      tx,
      `UPDATE approval SET escalated_at = clock_timestamp(), fact_version = fact_version + 1
       WHERE id = $1 AND status = 'pending' AND escalated_at IS NULL RETURNING *`,
      [id],
    );
  }

  /** Makes room for a fact about a row that is locked and does not change otherwise. */
  async tell(tx: Tx, id: string): Promise<Approval> {
    const sql = `UPDATE approval SET fact_version = fact_version + 1 WHERE id = $1 RETURNING *`;
    return (await this.changed(tx, sql, [id]))!;
  }

  async claim(tx: Tx, id: string, at: Date): Promise<Approval> {
    const claimed = await this.changed(
      tx,
      `UPDATE approval SET status = 'claimed', claimed_at = $3, fact_version = fact_version + 1
       WHERE id = $1 AND status = ANY($2) RETURNING *`,
      [id, approvalSources('claimed'), at],
    );
    return claimed!;
  }

  private async changed(tx: Tx, sql: string, values: unknown[]): Promise<Approval | null> {
    const [[row]] = await tx.query(sql, values);
    return (row as Approval | undefined) ?? null;
  }
}
