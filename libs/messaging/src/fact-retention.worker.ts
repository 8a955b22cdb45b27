import type { Database } from '#persistence';
import { Loop } from './loop.js';

const SWEEP_MS = 3_600_000;
const BATCH = 1_000;

/**
 * Days a row is kept, per table. An inbox row outlives every fact it guards against, by more than a stream keeps one:
 * a replay of the oldest fact must still be known. What was never sent is never dropped.
 */
export const KEPT_DAYS = { fact: 90, inbox: 120, dead_letter: 365, request: 90 } as const;

const SENT = { fact: 'AND stream_seq IS NOT NULL' } as Record<string, string>;
const KEYS = { fact: 'position', inbox: 'fact_id', dead_letter: 'fact_id', request: 'team_id, key' } as const;

/** Drops what nobody needs any more, a few rows at a time; any number of processes may do it. */
export class FactRetention {
  private readonly loop: Loop;

  constructor(
    private readonly database: Database,
    onError: (error: unknown) => void,
  ) {
    this.loop = new Loop(() => this.sweep(), SWEEP_MS, onError);
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  async sweep(): Promise<void> {
    for (const table of Object.keys(KEPT_DAYS) as (keyof typeof KEPT_DAYS)[]) {
      while ((await this.drop(table)) === BATCH);
    }
  }

  private drop(table: keyof typeof KEPT_DAYS): Promise<number> {
    return this.database.acrossTeams('rows past their time, of any team', async (tx) => {
      const [, count] = await tx.query(
        `DELETE FROM ${table} WHERE (${KEYS[table]}) IN (
           SELECT ${KEYS[table]} FROM ${table}
           WHERE at < now() - interval '${KEPT_DAYS[table]} days' ${SENT[table] ?? ''} LIMIT ${BATCH})`,
      );
      return count as number;
    });
  }
}
