import type { CallContext } from '#contracts';
import { digestOf, uuidv7 } from '#kernel';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import type { BundleFiles } from './bundle-file.rules.js';
import { Policy, PolicyVote } from './policy.entity.js';
import { policyNotFound } from './policy.errors.js';
import { policySources } from './policy-publish.rules.js';

/** How long people have to answer a request to publish. */
const REVIEW_DAYS = 7;
/** Drafts of a team that are kept; what was ever put before people is kept for good. */
const KEPT_DRAFTS = 200;

export interface NewPolicy {
  files: BundleFiles;
  note: string | null;
  based_on: number;
  returns_to: number | null;
}

@Injectable()
export class PolicyRepository {
  /** From here to the end of the transaction nobody else changes what is in force for the team. */
  async lockTeam(tx: Tx, { team }: Pick<CallContext, 'team'>): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`policy:${team}`]);
  }

  /** The database's clock. */
  async now(tx: Tx): Promise<Date> {
    const [{ now }] = await tx.query(`SELECT clock_timestamp() AS now`);
    return now;
  }

  /** @throws AppError `policy.not_found` */
  async get(tx: Tx, id: string): Promise<Policy> {
    const found = await tx.findOneBy(Policy, { id });
    if (!found) throw policyNotFound();
    return found;
  }

  list(tx: Tx, { limit, before }: { limit: number; before?: string }): Promise<Policy[]> {
    return tx.find(Policy, { where: { ...(before && { id: LessThan(before) }) }, order: { id: 'DESC' }, take: limit });
  }

  /** Null: the team has published none. */
  inForce(tx: Tx): Promise<Policy | null> {
    return tx
      .createQueryBuilder(Policy, 'policy')
      .innerJoin('policy_in_force', 'now', 'now.policy_id = policy.id')
      .getOne();
  }

  /** The same files by the same author on the same epoch are one draft; a note comes with whoever gives one. */
  async draft(tx: Tx, ctx: CallContext, policy: NewPolicy): Promise<Policy> {
    const id = await this.insert(tx, ctx, 'draft', policy);
    await tx.query(
      `DELETE FROM policy WHERE status = 'draft' AND id <=
         (SELECT id FROM policy WHERE status = 'draft' ORDER BY id DESC OFFSET $1 LIMIT 1)`,
      [KEPT_DRAFTS],
    );
    if (id) return this.get(tx, id);
    const same = await tx
      .createQueryBuilder(Policy, 'policy')
      .where(`status = 'draft' AND author->>'id' = :author AND files_digest = :digest AND based_on = :based_on`, {
        author: ctx.principal.id,
        digest: digestOf(policy.files),
        based_on: policy.based_on,
      })
      .getOneOrFail();
    if (policy.note === null) return same;
    await tx.update(Policy, { id: same.id }, { note: policy.note });
    return { ...same, note: policy.note };
  }

  /** A bundle that is put before people at once. */
  async ask(tx: Tx, ctx: CallContext, policy: NewPolicy & Pick<Policy, 'trial'>): Promise<Policy> {
    const id = await this.insert(tx, ctx, 'awaiting_approval', policy);
    return this.get(tx, id!);
  }

  /** False when it is no draft any more. */
  async submit(tx: Tx, id: string): Promise<boolean> {
    const [, changed] = await tx.query(
      `UPDATE policy SET status = 'awaiting_approval', expires_at = clock_timestamp() + $2 * interval '1 day'
       WHERE id = $1 AND status = ANY($3)`,
      [id, REVIEW_DAYS, policySources('awaiting_approval')],
    );
    return changed > 0;
  }

  async end(tx: Tx, id: string, status: 'rejected' | 'expired'): Promise<void> {
    await tx.query(`UPDATE policy SET status = $2 WHERE id = $1 AND status = ANY($3)`, [
      id,
      status,
      policySources(status),
    ]);
  }

  /** What a trial said of it; of a bundle that is decided about it stays as it was. */
  async remember(tx: Tx, id: string, said: Partial<Pick<Policy, 'trial' | 'shadow'>>): Promise<void> {
    for (const [column, value] of Object.entries(said)) {
      await tx.query(
        `UPDATE policy SET ${column === 'trial' ? 'trial' : 'shadow'} = $2
         WHERE id = $1 AND status IN ('draft', 'awaiting_approval')`,
        [id, JSON.stringify(value)],
      );
    }
  }

  votes(tx: Tx, policyId: string): Promise<PolicyVote[]> {
    return tx.find(PolicyVote, { where: { policy_id: policyId }, order: { at: 'ASC', user_id: 'ASC' } });
  }

  async addVote(tx: Tx, vote: Omit<PolicyVote, 'at'>): Promise<void> {
    await tx.insert(PolicyVote, vote);
  }

  /** The id; null when there is such a draft already. */
  private async insert(
    tx: Tx,
    ctx: CallContext,
    status: 'draft' | 'awaiting_approval',
    { files, note, based_on, returns_to, trial = null }: NewPolicy & Partial<Pick<Policy, 'trial'>>,
  ): Promise<string | null> {
    const { team: team_id, principal: author, on_behalf_of } = ctx;
    const text = { id: uuidv7(), team_id, status, files, files_digest: digestOf(files), note, based_on, returns_to };
    const row = { ...text, author, on_behalf_of, trial };
    const columns = Object.keys(row).join(', ');
    const [inserted] = await tx.query(
      `INSERT INTO policy (${columns}, expires_at)
       SELECT ${columns}, CASE WHEN status = 'draft' THEN NULL ELSE clock_timestamp() + $2 * interval '1 day' END
       FROM jsonb_populate_record(NULL::policy, $1) ON CONFLICT DO NOTHING RETURNING id`,
      [row, REVIEW_DAYS],
    );
    return inserted?.id ?? null;
  }
}
