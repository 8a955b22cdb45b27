import { executor } from '#contracts';
import { AppError } from '#kernel';
import { Bus } from '#messaging';
import { afterCommit, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import type { Execution } from '../execution/execution.entity.js';
import { NOT_TERMINAL, sourcesOf } from '../execution/execution.rules.js';
import type { JournalEntry } from './journal.entry.js';
import { frameOf, type JournalRow } from './journal.kinds.js';

/** Columns of the execution that may change with an entry. */
export type ExecutionPatch = Partial<
  Pick<
    Execution,
    | 'status'
    | 'paused_reason'
    | 'prediction'
    | 'decided'
    | 'approval_id'
    | 'risk_score'
    | 'deception_probability'
    | 'analyser_state'
    | 'spec_violations'
    | 'detections'
    | 'failure'
    | 'ending'
    | 'final_answer'
    | 'pause_requested'
    | 'cancel_requested'
    | 'stopped'
    | 'rollback_requested'
    | 'undoable'
    | 'over_budget'
    | 'taint'
    | 'decision_input'
  >
>;

/** Who writes: the holder of the work under its attempt number, or somebody outside the run (epoch null). */
export interface Writer {
  team: string;
  execution_id: string;
  epoch: number | null;
}

const JSON_COLUMNS = new Set([
  'prediction',
  'decided',
  'decision_input',
  'analyser_state',
  'spec_violations',
  'detections',
  'failure',
  'stopped',
  'ending',
  'taint',
]);

export const fenced = (): AppError => new AppError('execution.fenced', 'Another worker has taken this execution over.');

export const movedOn = (to: string): AppError =>
  new AppError('execution.moved_on', `The execution can no longer become ${to}.`);

/**
 * The one writer of the journal. The execution's row is locked by its update, so sequence numbers have no gap, a
 * writer with an older attempt number writes nothing, and nothing is written after the end unless people open it again.
 */
@Injectable()
export class Journal {
  constructor(private readonly bus: Bus) {}

  /**
   * The execution as it is, for whoever has just claimed it: from here on older claims are fenced off, before anything
   * is done in the world.
   * @throws AppError `execution.fenced`
   */
  async take(tx: Tx, writer: Writer): Promise<Execution> {
    const [[execution]] = await tx.query(`UPDATE execution SET epoch = $2 WHERE id = $1 AND epoch <= $2 RETURNING *`, [
      writer.execution_id,
      writer.epoch,
    ]);
    if (!execution) throw fenced();
    return execution;
  }

  /**
   * Appends rows and changes the execution with them; the frames are shown after commit.
   * @throws AppError `execution.fenced`, `execution.moved_on`
   */
  async append(tx: Tx, writer: Writer, entries: JournalEntry[], patch: ExecutionPatch = {}): Promise<Execution> {
    const execution = await this.update(tx, writer, entries.length, patch);
    if (entries.length === 0) return execution;
    const first = execution.last_seq - entries.length + 1;
    const rows: JournalRow[] = await tx.query(
      `INSERT INTO journal (execution_id, seq, team_id, kind, body)
       SELECT $1, $2 + entry.n::integer, $3, entry.value->>'kind', entry.value->'body'
       FROM jsonb_array_elements($4::jsonb) WITH ORDINALITY AS entry(value, n) ORDER BY entry.n
       RETURNING execution_id, seq, at, kind, body`,
      [writer.execution_id, first - 1, writer.team, JSON.stringify(entries)],
    );
    afterCommit(() => {
      for (const row of rows) this.bus.show(executor.journaled, [writer.team, writer.execution_id], frameOf(row));
    });
    return execution;
  }

  /** The next version for a fact about this execution, whose row this transaction has locked. */
  async nextFactVersion(tx: Tx, executionId: string): Promise<number> {
    const [[row]] = await tx.query(
      `UPDATE execution SET fact_version = fact_version + 1 WHERE id = $1 RETURNING fact_version`,
      [executionId],
    );
    return row.fact_version;
  }

  /**
   * At most `limit` rows after a sequence number. Numbers have no gap, so a page is a range of the key: it costs the
   * same anywhere in the longest journal, whatever the planner knows of a table that has just grown.
   */
  async read(tx: Tx, executionId: string, after: number, limit: number): Promise<JournalRow[]> {
    return tx.query(
      `SELECT execution_id, seq, at, kind, body FROM journal
       WHERE execution_id = $1 AND seq > $2::bigint AND seq <= $2::bigint + $3 ORDER BY seq`,
      [executionId, after, limit],
    );
  }

  private async update(tx: Tx, writer: Writer, added: number, patch: ExecutionPatch): Promise<Execution> {
    const columns = Object.entries(patch).filter(([, value]) => value !== undefined);
    const values: unknown[] = [writer.execution_id, added, writer.epoch];
    const sets = columns.map(([column, value]) => {
      values.push(JSON_COLUMNS.has(column) && value !== null ? JSON.stringify(value) : value);
      return `${column} = $${values.length}`;
    });
    if (patch.status === 'running') sets.push(`started_at = coalesce(started_at, clock_timestamp())`);
    values.push(patch.status ? sourcesOf(patch.status, writer.epoch !== null) : NOT_TERMINAL);
    const [[execution]] = await tx.query(
      `UPDATE execution
       SET ${['last_seq = last_seq + $2', 'epoch = greatest(epoch, coalesce($3::integer, epoch))', ...sets].join(', ')}
       WHERE id = $1 AND ($3::integer IS NULL OR epoch <= $3::integer) AND status = ANY($${values.length}::text[])
       RETURNING *`,
      values,
    );
    if (execution) return execution;
    const [current] = await tx.query(`SELECT epoch FROM execution WHERE id = $1`, [writer.execution_id]);
    if (writer.epoch !== null && current?.epoch > writer.epoch) throw fenced();
    throw movedOn(patch.status ?? 'changed');
  }
}
