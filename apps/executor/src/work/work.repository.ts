import { afterCommit, type Tx } from '#persistence';
import { currentTrace } from '#telemetry';
import { Injectable } from '@nestjs/common';
import type { WorkItem } from './work-source.js';

/** Between whoever makes work and the worker of the same process; other processes find it by their sweep. */
@Injectable()
export class WorkSignal {
  private readonly listeners = new Set<() => void>();

  listen(listener: () => void): void {
    this.listeners.add(listener);
  }

  wake(): void {
    for (const listener of this.listeners) listener();
  }
}

/** The work row of an execution, written with the state change that makes or wakes it. */
@Injectable()
export class WorkRepository {
  constructor(private readonly signal: WorkSignal) {}

  async create(tx: Tx, team: string, executionId: string): Promise<void> {
    await tx.query(`INSERT INTO work (execution_id, team_id, state) VALUES ($1, $2, 'ready')`, [executionId, team]);
    afterCommit(() => this.signal.wake());
  }

  /** Of an execution that its submitter drives at once: leased to it, and anybody's once that lease is over. */
  async createLeased(tx: Tx, team: string, executionId: string, leaseMs: number): Promise<WorkItem> {
    await tx.query(
      `INSERT INTO work (execution_id, team_id, state, attempt, lease_until)
       VALUES ($1, $2, 'leased', 1, clock_timestamp() + $3 * interval '1 millisecond')`,
      [executionId, team, leaseMs],
    );
    return { execution_id: executionId, team, attempt: 1, failures: 0 };
  }

  /**
   * Wakes an execution that waits; one that is being driven will look again before it starts to wait. What is told twice
   * (`told`: what it is) wakes once. `trace`: where whoever wakes it stands.
   */
  async wake(tx: Tx, executionId: string, told: string | null = null, trace = currentTrace()): Promise<void> {
    await tx.query(
      `UPDATE work SET woken = true, woken_by = coalesce($2, woken_by), woken_for = coalesce($3, woken_for),
         state = CASE WHEN state = 'waiting' THEN 'ready' ELSE state END,
         not_before = CASE WHEN state = 'waiting' THEN clock_timestamp() ELSE not_before END
       WHERE execution_id = $1 AND state <> 'done' AND ($3::text IS NULL OR woken_for IS DISTINCT FROM $3)`,
      [executionId, trace ?? null, told],
    );
    afterCommit(() => this.signal.wake());
  }

  /** Has an execution that had ended driven again; a drive that has not come back from its end finds it woken. */
  async reopen(tx: Tx, executionId: string): Promise<void> {
    await tx.query(
      `UPDATE work SET woken = true, woken_by = coalesce($2, woken_by), failures = 0,
         state = CASE WHEN state = 'leased' THEN state ELSE 'ready' END, not_before = clock_timestamp()
       WHERE execution_id = $1`,
      [executionId, currentTrace() ?? null],
    );
    afterCommit(() => this.signal.wake());
  }
}
