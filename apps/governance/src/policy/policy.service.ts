import { type CallContext, type governance, invalidInput } from '#contracts';
import { boundedJsonPointer, isUuid } from '#kernel';
import { Database, once, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { bundleFileProblems, type BundleFiles } from './bundle-file.rules.js';
import { PolicyBook } from './policy-book.js';
import { bundleInvalid } from './policy.errors.js';
import type { Policy } from './policy.entity.js';
import { PolicyRelease } from './policy.release.js';
import { PolicyRepository } from './policy.repository.js';
import { policySummary, policyView } from './policy.view.js';

const PAGE = 50;
/** A replica that has not been heard of for so long is not alive; after an hour it is forgotten. */
const ALIVE_MS = 5_000;

/** What is in force, and what people wrote. */
@Injectable()
export class PolicyService {
  constructor(
    private readonly database: Database,
    private readonly policies: PolicyRepository,
    private readonly release: PolicyRelease,
    private readonly book: PolicyBook,
  ) {}

  /** @throws AppError `input.invalid` for a cursor that is none */
  list(ctx: CallContext, { limit = PAGE, cursor }: governance.ListPolicies): Promise<governance.PolicyOverview> {
    if (cursor !== undefined && !isUuid(cursor)) {
      throw invalidInput([{ path: '/cursor', message: 'must be the next_cursor of the page before' }]);
    }
    return this.database.inTeam(ctx, async (tx) => {
      const rows = await this.policies.list(tx, { limit: limit + 1, before: cursor });
      const page = rows.slice(0, limit);
      const now = await this.policies.now(tx);
      const own = await this.policies.inForce(tx);
      const { house } = this.book;
      const engine = (own && this.book.ofTeam(ctx.team)) ?? house;
      return {
        epoch: own?.epoch ?? house.epoch,
        digest: own?.digest ?? house.bundle.digest,
        policy_id: own?.id ?? null,
        policies: [...engine.sentences].map(([id, sentence]) => {
          const { file = '', line = 1 } = engine.bundle.places[id] ?? {};
          return { id, sentence, path: `${file}:${line}` };
        }),
        files: { ...(own?.files ?? this.book.houseFiles) },
        replicas: await this.replicas(tx, now),
        items: page.map((policy) => policySummary(policy, now)),
        next_cursor: rows.length > limit ? page.at(-1)!.id : null,
      };
    });
  }

  /** @throws AppError `policy.not_found` */
  get(ctx: CallContext, id: string): Promise<governance.PolicyView> {
    return this.database.inTeam(ctx, async (tx) => this.view(tx, ctx, await this.policies.get(tx, id)));
  }

  /**
   * Keeps a bundle as it was written; nothing of it is parsed yet.
   * @throws AppError `policy.bundle_invalid` for files that are none of a bundle; `input.invalid`
   */
  draft(ctx: CallContext, input: governance.DraftPolicy): Promise<governance.PolicyView> {
    const files: BundleFiles = input.files;
    const odd = Object.keys(files).find((name) => typeof files[name] !== 'string');
    if (odd !== undefined) throw invalidInput([{ path: boundedJsonPointer(['files', odd]), message: 'must be text' }]);
    const problems = bundleFileProblems(files);
    if (problems.length > 0) throw bundleInvalid(problems);
    return this.database.inTeam(ctx, async (tx) =>
      once(tx, ctx, input, async () => {
        const { epoch } = await this.release.standing(tx);
        const { based_on = epoch } = input;
        if (based_on > epoch) throw invalidInput([{ path: '/based_on', message: `there is no epoch after ${epoch}` }]);
        const note = input.note?.trim() || null;
        return this.view(tx, ctx, await this.policies.draft(tx, ctx, { files, note, based_on, returns_to: null }));
      }),
    );
  }

  async view(tx: Tx, ctx: CallContext, policy: Policy): Promise<governance.PolicyView> {
    return policyView(policy, await this.policies.votes(tx, policy.id), { ctx, now: await this.policies.now(tx) });
  }

  /** Where the team's epoch has arrived; a replica without a word about the team is under the shipped bundle. */
  private async replicas(tx: Tx, now: Date): Promise<governance.PolicyReplica[]> {
    const rows = await tx.query(
      `SELECT replica.id, heartbeat_at, ack.epoch, ack.at, ack.problem
       FROM policy_replica AS replica LEFT JOIN policy_ack AS ack ON ack.replica_id = replica.id
       ORDER BY heartbeat_at DESC LIMIT 100`,
    );
    return rows.map(
      (row: { id: string; heartbeat_at: Date; epoch: number | null; at: Date | null; problem: string | null }) => ({
        id: row.id,
        epoch: row.epoch ?? this.book.epoch,
        acknowledged_at: row.at?.toISOString() ?? null,
        heartbeat_at: row.heartbeat_at.toISOString(),
        alive: now.getTime() - row.heartbeat_at.getTime() <= ALIVE_MS,
        problem: row.problem,
      }),
    );
  }
}
