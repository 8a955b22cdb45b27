import { Database } from '#persistence';
import { ENV } from '#service';
import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../env.js';
import type { WorkEnd, WorkItem, WorkSource } from './work-source.js';

/** Work from the executor's own table; the database's clock decides over leases. */
@Injectable()
export class TableWorkSource implements WorkSource {
  readonly leaseMs: number;

  constructor(
    private readonly database: Database,
    @Inject(ENV) { EXECUTOR_LEASE_SECONDS }: Pick<Env, 'EXECUTOR_LEASE_SECONDS'>,
  ) {
    this.leaseMs = EXECUTOR_LEASE_SECONDS * 1_000;
  }

  async claim(limit: number): Promise<WorkItem[]> {
    return this.database.acrossTeams('claim work of any team', async (tx) => {
      const [rows] = await tx.query(
        // Materialized: a planner that ran the inner query again would lease more than the limit.
        `WITH free AS MATERIALIZED (
           SELECT execution_id, woken_by FROM work
           WHERE (state = 'ready' AND not_before <= clock_timestamp())
              OR (state = 'leased' AND lease_until < clock_timestamp())
              OR (state = 'waiting' AND not_before <= clock_timestamp())
           ORDER BY not_before, execution_id LIMIT $1 FOR UPDATE SKIP LOCKED)
         UPDATE work SET state = 'leased', attempt = attempt + 1, woken = false, woken_by = NULL,
           lease_until = clock_timestamp() + $2 * interval '1 millisecond'
         FROM free WHERE work.execution_id = free.execution_id
         RETURNING work.execution_id, team_id AS team, attempt, failures, free.woken_by`,
        [limit, this.leaseMs],
      );
      return rows;
    });
  }

  async take({ execution_id, team }: Pick<WorkItem, 'execution_id' | 'team'>): Promise<WorkItem | null> {
    const [[item]] = await this.database.inTeam({ team }, (tx) =>
      tx.query(
        `UPDATE work SET state = 'leased', attempt = attempt + 1, woken = false, woken_by = NULL,
           lease_until = clock_timestamp() + $2 * interval '1 millisecond'
         WHERE execution_id = $1 AND (state IN ('ready', 'waiting') OR (state = 'leased' AND lease_until < clock_timestamp()))
         RETURNING execution_id, team_id AS team, attempt, failures`,
        [execution_id, this.leaseMs],
      ),
    );
    return item ?? null;
  }

  async heartbeat(items: WorkItem[]): Promise<WorkItem[]> {
    if (items.length === 0) return [];
    const [rows] = await this.database.acrossTeams('keep leases', (tx) =>
      tx.query(
        `UPDATE work SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
         FROM unnest($1::uuid[], $2::integer[]) AS mine(id, attempt)
         WHERE work.execution_id = mine.id AND work.attempt = mine.attempt AND work.state = 'leased'
         RETURNING work.execution_id`,
        [items.map((item) => item.execution_id), items.map((item) => item.attempt), this.leaseMs],
      ),
    );
    const kept = new Set((rows as { execution_id: string }[]).map((row) => row.execution_id));
    return items.filter((item) => !kept.has(item.execution_id));
  }

  async finish(item: WorkItem, end: WorkEnd): Promise<boolean> {
    const [rows] = await this.database.inTeam(item, (tx) =>
      tx.query(
        `UPDATE work SET ${SET_BY_END[end.kind]} WHERE execution_id = $1 AND attempt = $2 AND state = 'leased' RETURNING 1`,
        [item.execution_id, item.attempt, ...valuesOf(end)],
      ),
    );
    return rows.length > 0;
  }
}

/** A wake that came while the item was leased is not lost: it goes straight back to ready. */
const SET_BY_END: Record<WorkEnd['kind'], string> = {
  done: `state = CASE WHEN woken THEN 'ready' ELSE 'done' END, lease_until = NULL`,
  waiting: `state = CASE WHEN woken THEN 'ready' ELSE 'waiting' END, failures = 0, lease_until = NULL,
    not_before = CASE WHEN woken THEN clock_timestamp()
      ELSE greatest(coalesce($3::timestamptz, 'infinity'), clock_timestamp() + interval '1 second') END`,
  again: `state = 'ready', lease_until = NULL,
    not_before = clock_timestamp() + $3 * interval '1 millisecond', failures = $4`,
};

const valuesOf = (end: WorkEnd): unknown[] => {
  switch (end.kind) {
    case 'done':
      return [];
    case 'waiting':
      return [end.wake_at];
    case 'again':
      return [end.delay_ms, end.failures];
  }
};
