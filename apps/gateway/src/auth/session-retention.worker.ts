import { Loop } from '#messaging';
import { Database } from '#persistence';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { NO_TEAM } from '../user/user.repository.js';

const SWEEP_MS = 600_000;
const BATCH = 1_000;
/** A session that has ended is remembered for as long, so that its tokens are told from strangers'. */
const KEPT_DAYS = 30;

/** Drops tickets that have run out and sessions that ended long ago; any number of processes may do it. */
@Injectable()
export class SessionRetentionWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(SessionRetentionWorker.name);
  private readonly loop = new Loop(
    () => this.sweep(),
    SWEEP_MS,
    (error) => this.log.warn({ err: error }),
  );

  constructor(private readonly database: Database) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  async sweep(): Promise<void> {
    while ((await this.drop('stream_ticket', 'hash', 'expires_at < now()')) === BATCH);
    while ((await this.drop('session', 'id', `expires_at < now() - interval '${KEPT_DAYS} days'`)) === BATCH);
  }

  private drop(table: string, key: string, past: string): Promise<number> {
    return this.database.inTeam(NO_TEAM, async (tx) => {
      const [, count] = await tx.query(
        `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${past} LIMIT ${BATCH})`,
      );
      return count as number;
    });
  }
}
