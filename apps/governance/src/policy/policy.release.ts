import { type CallContext, governance, type Principal } from '#contracts';
import { digestOf, uuidv7 } from '#kernel';
import { FactLog, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { PolicyBook } from './policy-book.js';
import { PolicyKey } from './policy-key.js';
import type { Policy } from './policy.entity.js';
import { policySources } from './policy-publish.rules.js';

const HOUSE: Principal = { kind: 'service', id: 'spectrace', name: 'shipped' };

/** Puts a bundle in force: signature, next epoch, fact, all in the transaction of the vote that completed it. */
@Injectable()
export class PolicyRelease {
  constructor(
    private readonly book: PolicyBook,
    private readonly key: PolicyKey,
    private readonly facts: FactLog,
  ) {}

  /** The epoch in force for the team, and what stands beside it. */
  async standing(tx: Tx): Promise<{ epoch: number; house_digest: string }> {
    const [row] = await tx.query(`SELECT epoch FROM policy_in_force`);
    return { epoch: row?.epoch ?? this.book.epoch, house_digest: this.book.house.bundle.digest };
  }

  /** The team is locked, and nothing stands in the way. `approvers`: whose yes it was. */
  async publish(tx: Tx, ctx: CallContext, policy: Policy, approvers: Principal[]): Promise<void> {
    const { team } = ctx;
    const { id: policy_id, files_digest, returns_to, author } = policy;
    const [own] = await tx.query(`SELECT epoch FROM policy_in_force`);
    if (!own) await this.recordHouse(tx, team);
    const epoch = policy.based_on + 1;
    const digest = policy.trial!.digest!;
    const signature = this.key.sign({ team, epoch, digest, files_digest });
    await tx.query(
      `UPDATE policy SET status = 'published', epoch = $2, digest = $3, key_id = $4, signature = $5,
         published_at = clock_timestamp() WHERE id = $1 AND status = ANY($6)`,
      [policy_id, epoch, digest, this.key.id, signature, policySources('published')],
    );
    await tx.query(
      `INSERT INTO policy_in_force (team_id, epoch, policy_id) VALUES ($1, $2, $3)
       ON CONFLICT (team_id) DO UPDATE SET epoch = EXCLUDED.epoch, policy_id = EXCLUDED.policy_id`,
      [team, epoch, policy_id],
    );
    // They were approved against an epoch that is no longer in force.
    await tx.query(`UPDATE policy SET status = 'superseded' WHERE status = ANY($1)`, [policySources('superseded')]);
    await this.facts.append(tx, ctx, governance.policyPublished, {
      aggregate_id: policy_id,
      version: 1,
      body: { policy_id, epoch, digest, files_digest, key_id: this.key.id, signature, returns_to, author, approvers },
    });
  }

  /** The shipped bundle a team leaves becomes one of its own, so that it can come back. */
  private async recordHouse(tx: Tx, team_id: string): Promise<void> {
    const { epoch, houseFiles: files, house } = this.book;
    const { digest } = house.bundle;
    const files_digest = digestOf(files);
    const signature = this.key.sign({ team: team_id, epoch, digest, files_digest });
    const row = { id: uuidv7(), team_id, status: 'published', files, files_digest, based_on: epoch, epoch, digest };
    const signed = { ...row, key_id: this.key.id, signature, author: HOUSE, on_behalf_of: HOUSE };
    const columns = Object.keys(signed).join(', ');
    await tx.query(
      `INSERT INTO policy (${columns}, published_at)
       SELECT ${columns}, clock_timestamp() FROM jsonb_populate_record(NULL::policy, $1) ON CONFLICT DO NOTHING`,
      [signed],
    );
  }
}
