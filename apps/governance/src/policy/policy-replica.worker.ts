import { digestOf, uuidv7 } from '#kernel';
import { Loop } from '#messaging';
import { Database } from '#persistence';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { readBundle } from './bundle.js';
import { PolicyBook } from './policy-book.js';
import { PolicyKey } from './policy-key.js';
import type { Policy } from './policy.entity.js';
import { PolicyRepository } from './policy.repository.js';

/** A new epoch is in force in every replica within two seconds: a quarter of one of waiting, the rest for loading it. */
const LOOK_MS = 250;
const BEAT_MS = 1_000;
const FORGET_AFTER = '1 hour';

/**
 * Brings what teams have published into force in this process: looks which epochs there are, verifies the signature,
 * swaps and acknowledges. Before the first look the service answers nobody.
 */
@Injectable()
export class PolicyReplicaWorker implements OnModuleInit, OnApplicationShutdown {
  readonly id = uuidv7();
  private readonly log = new Logger(PolicyReplicaWorker.name);
  /** Epochs this process has looked at, taken or not: what cannot be taken is not tried twice a second. */
  private readonly seen = new Map<string, number>();
  private beatAtMs = -Infinity;
  private readonly loop = new Loop(
    () => this.look(),
    LOOK_MS,
    (error) => this.log.warn({ err: error }),
  );

  constructor(
    private readonly database: Database,
    private readonly policies: PolicyRepository,
    private readonly book: PolicyBook,
    private readonly key: PolicyKey,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.look();
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  async look(): Promise<void> {
    const askedAtMs = performance.now();
    const epochs: { team: string; epoch: number }[] = await this.database.acrossTeams(
      'a heartbeat, and the epochs of every team',
      async (tx) => {
        if (askedAtMs - this.beatAtMs >= BEAT_MS) {
          await tx.query(
            `INSERT INTO policy_replica (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET heartbeat_at = clock_timestamp()`,
            [this.id],
          );
        }
        return tx.query(`SELECT team_id AS team, epoch FROM policy_in_force`);
      },
    );
    if (askedAtMs - this.beatAtMs >= BEAT_MS) this.beatAtMs = askedAtMs;
    const news = epochs.filter(({ team, epoch }) => this.seen.get(team) !== epoch);
    for (const { team } of news) await this.take(team);
    if (news.length > 0) await this.forget();
    this.book.confirm(askedAtMs);
  }

  private async take(team: string): Promise<void> {
    const policy = await this.database.inTeam({ team }, (tx) => this.policies.inForce(tx));
    if (!policy) return;
    const problem = this.put(policy);
    if (problem) this.log.error({ problem, team, epoch: policy.epoch });
    await this.database.inTeam({ team }, (tx) =>
      tx.query(
        `INSERT INTO policy_ack (team_id, replica_id, epoch, problem) VALUES ($1, $2, $3, $4)
         ON CONFLICT (team_id, replica_id) DO UPDATE
         SET epoch = EXCLUDED.epoch, problem = EXCLUDED.problem, at = clock_timestamp()`,
        [team, this.id, this.book.epochOf(team) ?? 0, problem],
      ),
    );
    this.seen.set(team, policy.epoch!);
  }

  /** Why it was not taken; null when it decides from now on. */
  private put(policy: Policy): string | null {
    const { team_id: team, epoch, files_digest } = policy;
    try {
      if (this.book.ofTeam(team)?.epoch === epoch) return null;
      const bundle = readBundle(policy.files, epoch!, { withTests: false });
      const signed = { team, epoch: epoch!, digest: bundle.digest, files_digest };
      if (digestOf(policy.files) !== files_digest || !this.key.verify(signed, policy.key_id!, policy.signature!)) {
        throw new Error(`the signature of epoch ${epoch} does not fit its content`);
      }
      this.book.put(team, bundle);
      return null;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.book.distrust(team, 'The policies in force could not be verified, so nothing is allowed.');
      return problem;
    }
  }

  /** Processes that are gone. */
  private async forget(): Promise<void> {
    await this.database.acrossTeams('replicas that are gone, and their words about every team', async (tx) => {
      const gone = `SELECT id FROM policy_replica WHERE heartbeat_at < clock_timestamp() - interval '${FORGET_AFTER}'`;
      await tx.query(`DELETE FROM policy_ack WHERE replica_id IN (${gone})`);
      await tx.query(`DELETE FROM policy_replica WHERE id IN (${gone})`);
    });
  }
}
