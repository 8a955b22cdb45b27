import { Loop } from '#messaging';
import { Database } from '#persistence';
import { ENV } from '#service';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Env } from '../env.js';
import { NOT_TERMINAL } from '../execution/execution.rules.js';

const HOURLY_MS = 3_600_000;
/** Forgotten in one transaction. */
const BATCH = 20;
/** What belongs to an execution, by the column that names it. */
const ROWS_OF_EXECUTION = {
  step: 'execution_id',
  action: 'execution_id',
  action_edit: 'execution_id',
  hold: 'execution_id',
  work: 'execution_id',
  execution: 'id',
};

interface ExpiredMonth {
  /** Its first day, `2026-01-01`. */
  month: string;
  /** Whether a run of it has not ended, or ended less than the retention ago. */
  in_use: boolean;
}

/**
 * Forgets the runs of months past the retention. A month goes as a whole, when each of its runs has ended that long ago:
 * first every execution with all its rows, so that no run is ever half visible, then the partition of their journals.
 */
@Injectable()
export class JournalRetentionWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(JournalRetentionWorker.name);
  private readonly loop = new Loop(
    () => this.sweep(),
    HOURLY_MS,
    (error) => this.log.warn({ err: error }),
  );

  constructor(
    private readonly database: Database,
    @Inject(ENV) private readonly env: Pick<Env, 'JOURNAL_RETENTION_MONTHS'>,
  ) {}

  onApplicationBootstrap(): void {
    if (this.env.JOURNAL_RETENTION_MONTHS > 0) this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** One round; may be run by several processes at once, and again after it failed anywhere. */
  async sweep(): Promise<void> {
    for (const { month, in_use } of await this.expired()) {
      if (in_use) {
        this.log.warn({ month, what: 'kept: not every run of this month has ended that long ago' });
        continue;
      }
      await this.forgetRuns(month);
      await this.database.acrossTeams('partitions belong to no team', (tx) =>
        tx.query(`SELECT drop_journal_partition($1::date)`, [month]),
      );
      this.log.log({ month, what: 'forgotten' });
    }
  }

  private expired(): Promise<ExpiredMonth[]> {
    return this.database.acrossTeams('months belong to no team', (tx) =>
      tx.query(
        `SELECT to_char(month, 'YYYY-MM-DD') AS month,
           EXISTS (SELECT FROM execution
                   WHERE id >= uuid_floor(month) AND id < uuid_floor(month + interval '1 month')
                     AND (status = ANY($2) OR finished_at >= oldest AT TIME ZONE 'UTC')) AS in_use
         FROM (SELECT to_date(right(relname, 7), 'YYYY_MM')::timestamp AS month,
                 date_trunc('month', now() AT TIME ZONE 'UTC') - $1 * interval '1 month' AS oldest
               FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'journal'::regclass) AS kept
         WHERE month < oldest
         ORDER BY month`,
        [this.env.JOURNAL_RETENTION_MONTHS, NOT_TERMINAL],
      ),
    );
  }

  private async forgetRuns(month: string): Promise<void> {
    for (;;) {
      const found: { id: string; team: string }[] = await this.database.acrossTeams('runs of any team', (tx) =>
        tx.query(
          `SELECT id, team_id AS team FROM execution
           WHERE id >= uuid_floor($1::timestamp) AND id < uuid_floor($1::timestamp + interval '1 month')
             AND NOT status = ANY($2)
           ORDER BY id LIMIT $3`,
          [month, NOT_TERMINAL, BATCH],
        ),
      );
      if (found.length === 0) return;
      for (const [team, runs] of Map.groupBy(found, (run) => run.team)) {
        await this.forget(
          team,
          runs.map((run) => run.id),
        );
      }
    }
  }

  private forget(team: string, ids: string[]): Promise<void> {
    return this.database.inTeam({ team }, async (tx) => {
      // In the order of ids, so that two workers wait for each other and not in a circle.
      const ended: { id: string }[] = await tx.query(
        `SELECT id FROM execution WHERE id = ANY($1) AND NOT status = ANY($2) ORDER BY id FOR UPDATE`,
        [ids, NOT_TERMINAL],
      );
      for (const [table, column] of Object.entries(ROWS_OF_EXECUTION)) {
        await tx.query(`DELETE FROM ${table} WHERE ${column} = ANY($1)`, [ended.map((run) => run.id)]);
      }
    });
  }
}
