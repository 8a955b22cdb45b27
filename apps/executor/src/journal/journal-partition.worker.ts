import { Loop } from '#messaging';
import { Database } from '#persistence';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

const DAILY_MS = 86_400_000;

/** Makes the journal's next monthly partitions long before they are needed. */
@Injectable()
export class JournalPartitionWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(JournalPartitionWorker.name);
  private readonly loop = new Loop(
    () => this.ensure(),
    DAILY_MS,
    (error) => this.log.error({ err: error }),
  );

  constructor(private readonly database: Database) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async ensure(): Promise<void> {
    await this.database.acrossTeams('partitions belong to no team', (tx) =>
      tx.query(
        `SELECT ensure_journal_partition((now() AT TIME ZONE 'UTC' + n * interval '1 month')::date) FROM generate_series(0, 2) AS n`,
      ),
    );
  }
}
