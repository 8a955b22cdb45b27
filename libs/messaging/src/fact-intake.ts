import { afterCommit } from '#kernel';
import type { Database, Tx } from '#persistence';
import { inSpan, withTrace } from '#telemetry';
import { Logger } from '@nestjs/common';
import type { Ears } from './ears.js';
import type { FactEnvelope, FactMessage } from './fact-message.js';
import { deadLetters, hearingDurations } from './fact.metrics.js';
import { hearingSpan } from './fact-span.js';
import { toWireError } from './wire.js';

/** Failures of one fact before it becomes a dead letter. */
export const MAX_FAILURES = 5;
const RETRY_MS = [100, 500, 2_000, 5_000];
/**
 * How long a fact waits for one that should have come first, when nobody knows of that one. Longer than the stream waits
 * before it gives a message to another process.
 */
export const PATIENCE_S = 60;

export interface IntakeOptions {
  /** The service has heard everything that is on the stream: what has not come yet is not on its way. */
  caughtUp: boolean;
}

/**
 * Lets a fact act once and in its turn. Its id and its effects are one transaction. Its turn is when the facts it names
 * as previous have acted or were given up; until then, and between its failures, it is a row in `postponed_fact`, so the
 * order holds over several processes, over failures and over whatever order the stream has.
 */
export class FactIntake {
  private readonly log = new Logger(FactIntake.name);

  /** `wake` is called, after the commit, when postponed facts are due in so many milliseconds. */
  constructor(
    private readonly service: string,
    private readonly database: Database,
    private readonly ears: Ears,
    private readonly wake: (inMs: number) => void,
  ) {}

  /** Resolves once the fact has acted or waits in the database; throws when the database takes neither. */
  async take(fact: FactMessage, options: IntakeOptions): Promise<void> {
    const { service } = this;
    const { type } = fact.heard;
    const began = performance.now();
    let outcome = 'acted';
    try {
      await inSpan(hearingSpan(service, fact), () =>
        this.database.inTeam(fact.ctx, (tx) => this.apply(tx, fact, options)),
      );
    } catch (error) {
      outcome = 'failed';
      await this.failed(fact, error);
    } finally {
      hearingDurations.record({ service, type, outcome }, performance.now() - began, outcome === 'failed');
    }
  }

  private async apply(tx: Tx, { heard, ctx }: FactMessage, options: IntakeOptions): Promise<void> {
    // Whoever applies a predecessor has committed, or sees this one postponed.
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`facts of ${heard.aggregate_id}`]);
    if (!(await this.isTurnOf(tx, heard)) && !(await this.isTurnAnyway(tx, { heard, ctx }, options))) return;
    await this.ears.listen(heard, tx, withTrace(ctx));
    await this.settle(tx, heard);
  }

  /** Remembers the fact, when it is new and its predecessors are remembered. */
  private async isTurnOf(tx: Tx, heard: FactEnvelope): Promise<boolean> {
    const inserted = await tx.query(
      `INSERT INTO inbox (fact_id, team_id)
       SELECT $1, $2 WHERE (SELECT count(*) FROM inbox WHERE fact_id = ANY($3)) = cardinality($3::uuid[])
       ON CONFLICT DO NOTHING RETURNING fact_id`,
      [heard.id, heard.team, this.ears.predecessorsOf(heard)],
    );
    return inserted.length > 0;
  }

  /** For a fact that is known or too early. One that waited long enough for nobody has its turn. */
  private async isTurnAnyway(tx: Tx, fact: FactMessage, { caughtUp }: IntakeOptions): Promise<boolean> {
    const { heard } = fact;
    const [seen] = await tx.query(
      `SELECT EXISTS (SELECT FROM inbox WHERE fact_id = $1) AS known,
         EXISTS (SELECT FROM postponed_fact WHERE fact_id = ANY($2)) AS held,
         EXISTS (SELECT FROM postponed_fact WHERE fact_id = $1
           AND since < clock_timestamp() - interval '${PATIENCE_S} seconds') AS overdue`,
      [heard.id, this.ears.predecessorsOf(heard)],
    );
    if (seen.known) {
      await tx.query(`DELETE FROM postponed_fact WHERE fact_id = $1`, [heard.id]);
      return false;
    }
    if (seen.overdue && !seen.held && caughtUp) {
      const what = 'a fact acts without its predecessor';
      this.log.warn({ service: this.service, fact: heard.id, type: heard.type, what });
      await tx.query(`INSERT INTO inbox (fact_id, team_id) VALUES ($1, $2)`, [heard.id, heard.team]);
      return true;
    }
    await tx.query(
      `INSERT INTO postponed_fact (fact_id, team_id, aggregate_id, version, fact, context, due)
       VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + interval '${PATIENCE_S} seconds')
       ON CONFLICT (fact_id) DO UPDATE SET due = EXCLUDED.due`,
      this.rowOf(fact),
    );
    return false;
  }

  private rowOf({ heard, ctx }: FactMessage): unknown[] {
    return [heard.id, heard.team, heard.aggregate_id, heard.version, heard, ctx];
  }

  /** The fact has acted or was given up: it waits no longer, and those that waited for it are due. */
  private async settle(tx: Tx, heard: FactEnvelope): Promise<void> {
    const [freed] = await tx.query(
      `WITH settled AS (DELETE FROM postponed_fact WHERE fact_id = $1)
       UPDATE postponed_fact SET due = clock_timestamp()
       WHERE aggregate_id = $2 AND fact_id <> $1 AND failures = 0 RETURNING fact_id`,
      [heard.id, heard.aggregate_id],
    );
    if (freed.length > 0) afterCommit(() => this.wake(0));
  }

  private async failed(fact: FactMessage, cause: unknown): Promise<void> {
    const { heard, ctx } = fact;
    const error = toWireError(cause);
    const failures = await this.database.inTeam(ctx, async (tx) => {
      const [row] = await tx.query(
        `INSERT INTO postponed_fact (fact_id, team_id, aggregate_id, version, fact, context, failures, error, due)
         SELECT $1, $2, $3, $4, $5, $6, 1, $7, clock_timestamp() + ($8::integer[])[1] * interval '1 ms'
         WHERE NOT EXISTS (SELECT FROM inbox WHERE fact_id = $1)
         ON CONFLICT (fact_id) DO UPDATE SET failures = postponed_fact.failures + 1, error = EXCLUDED.error,
           due = clock_timestamp() + coalesce(($8::integer[])[postponed_fact.failures + 1], 0) * interval '1 ms'
         RETURNING failures`,
        [...this.rowOf(fact), error, RETRY_MS],
      );
      if (row?.failures >= MAX_FAILURES) await this.bury(tx, fact, error);
      return row?.failures as number | undefined;
    });
    if (failures === undefined) return; // another process has applied it meanwhile
    const said = { err: cause, service: this.service, fact: heard.id, type: heard.type, failures };
    if (failures < MAX_FAILURES) {
      this.log.warn({ ...said, what: 'a fact failed, it is tried again' });
      this.wake(RETRY_MS[failures - 1]!);
    } else {
      deadLetters.inc({ service: this.service });
      this.log.error({ ...said, what: 'a fact failed for the last time: see the table dead_letter' });
    }
  }

  private async bury(tx: Tx, { heard, ctx }: FactMessage, error: object): Promise<void> {
    await tx.query(
      `INSERT INTO dead_letter (fact_id, team_id, type, fact, context, error) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT DO NOTHING`,
      [heard.id, heard.team, heard.type, heard, ctx, error],
    );
    await tx.query(`INSERT INTO inbox (fact_id, team_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
      heard.id,
      heard.team,
    ]);
    await this.settle(tx, heard);
  }
}
