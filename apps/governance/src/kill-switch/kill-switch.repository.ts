import type { governance, Principal } from '#contracts';
import { uuidv7 } from '#kernel';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { killSwitchNotFound } from './kill-switch.errors.js';
import type { KillTarget } from './kill-switch.rules.js';

/** One switch, whichever table it is in. */
export interface KillSwitchRow {
  id: string;
  /** Whose runs; of scope all the team its request was made in. */
  team: string;
  scope: governance.KillScope;
  target: string;
  rehearsal: boolean;
  status: governance.KillStatus;
  /** Of a release, from 0. */
  stage: number;
  epoch: number;
  reason: string;
  requested_by: Principal;
  on_behalf_of: Principal;
  requested_at: Date;
  confirmed_at: Date | null;
  would_stop: governance.KillCount | null;
  released_by: Principal | null;
  released_at: Date | null;
  fact_version: number;
}

const TEAMS = { table: 'kill_switch', team: 'team_id' };
const INSTALLATION = { table: 'installation_kill_switch', team: 'asked_in' };
const placeOf = (scope: governance.KillScope) => (scope === 'all' ? INSTALLATION : TEAMS);
const rowsOf = ({ table, team }: typeof TEAMS): string => `SELECT *, ${team} AS team FROM ${table}`;

/** Kill switches: a team's rows and the installation's, which every team sees. */
@Injectable()
export class KillSwitchRepository {
  /** The next epoch; whoever asks for the one after it waits until this transaction has ended. */
  async nextEpoch(tx: Tx): Promise<number> {
    const [[row]] = await tx.query(`UPDATE kill_epoch SET epoch = epoch + 1 RETURNING epoch`);
    return row.epoch;
  }

  async epoch(tx: Tx): Promise<number> {
    const [row] = await tx.query(`SELECT epoch FROM kill_epoch`);
    return row.epoch;
  }

  /** The one that is not released for a target; with `nextEpoch` called before, nobody makes a second one. */
  async open(tx: Tx, { scope, target }: KillTarget): Promise<KillSwitchRow | null> {
    const [row] = await tx.query(
      `${rowsOf(placeOf(scope))} WHERE scope = $1 AND target = $2 AND status <> 'released' AND NOT rehearsal`,
      [scope, target],
    );
    return row ?? null;
  }

  /** Of these, those whose agent or tool is in no approval of the team and in none of its newest decisions. */
  async unseen(tx: Tx, rows: readonly Pick<KillSwitchRow, 'id' | 'scope' | 'target'>[]): Promise<Set<string>> {
    if (rows.length === 0) return new Set();
    const found: { id: string }[] = await tx.query(
      `SELECT id FROM jsonb_to_recordset($1) AS wanted(id uuid, scope text, target text)
       WHERE NOT EXISTS (SELECT FROM approval WHERE target = ANY(CASE scope
           WHEN 'agent' THEN ARRAY[request->>'agent_id', request->>'playbook']
           ELSE ARRAY[request->>'tool', regexp_replace(request->>'tool', '@v\\d+$', '')] END))
         AND NOT EXISTS (SELECT FROM policy_input WHERE target = ANY(CASE scope
           WHEN 'agent' THEN ARRAY[request#>>'{agent,id}']
           ELSE ARRAY[request#>>'{tool,name}', (request#>>'{tool,name}') || '@v' || (request#>>'{tool,version}')] END))`,
      [JSON.stringify(rows.map(({ id, scope, target }) => ({ id, scope, target })))],
    );
    return new Set(found.map(({ id }) => id));
  }

  async countOpen(tx: Tx): Promise<number> {
    const [row] = await tx.query(`SELECT count(*)::integer AS n FROM kill_switch WHERE status <> 'released'`);
    return row.n;
  }

  async insert(
    tx: Tx,
    { scope, team, target }: KillTarget,
    row: Pick<KillSwitchRow, 'rehearsal' | 'epoch' | 'reason' | 'requested_by' | 'on_behalf_of'>,
  ): Promise<KillSwitchRow> {
    const { table, team: column } = placeOf(scope);
    const [inserted] = await tx.query(
      `INSERT INTO ${table} (id, ${column}, scope, target, rehearsal, status, epoch, reason, requested_by, on_behalf_of)
       VALUES ($1, $2, $3, $4, $5, 'engaged', $6, $7, $8, $9) RETURNING *, ${column} AS team`,
      [uuidv7(), team, scope, target, row.rehearsal, row.epoch, row.reason, row.requested_by, row.on_behalf_of],
    );
    return inserted;
  }

  /**
   * A release that had begun is taken back, from this team, by a new request: who, why and when are those of now. Null
   * when it is over.
   */
  reengage(
    tx: Tx,
    row: KillSwitchRow,
    team: string,
    request: Pick<KillSwitchRow, 'epoch' | 'reason' | 'requested_by' | 'on_behalf_of'>,
  ): Promise<KillSwitchRow | null> {
    return this.change(
      tx,
      row,
      `status = 'engaged', stage = 0, stage_due = NULL, epoch = $2, confirmed_at = NULL, released_by = NULL,
       released_at = NULL, release_reason = NULL, fact_version = fact_version + 1, ${placeOf(row.scope).team} = $3,
       reason = $4, requested_by = $5, on_behalf_of = $6, requested_at = clock_timestamp()
       WHERE id = $1 AND status = 'releasing'`,
      [request.epoch, team, request.reason, request.requested_by, request.on_behalf_of],
    );
  }

  /** Begins the stages of a release; null when it is no longer engaged. */
  beginRelease(
    tx: Tx,
    row: KillSwitchRow,
    by: Principal,
    reason: string | null,
    stageMs: number,
  ): Promise<KillSwitchRow | null> {
    return this.change(
      tx,
      row,
      `status = 'releasing', stage = 0, stage_due = clock_timestamp() + $2 * interval '1 millisecond', released_by = $3,
       release_reason = $4, released_at = clock_timestamp() WHERE id = $1 AND status = 'engaged'`,
      [stageMs, by, reason],
    );
  }

  /** The next stage of a release whose stage has had its time. */
  nextStage(tx: Tx, row: KillSwitchRow, stageMs: number): Promise<KillSwitchRow | null> {
    return this.change(
      tx,
      row,
      `stage = stage + 1, stage_due = clock_timestamp() + $2 * interval '1 millisecond'
       WHERE id = $1 AND status = 'releasing' AND stage = $3 AND stage_due <= clock_timestamp()`,
      [stageMs, row.stage],
    );
  }

  /** The end of a release whose last stage has had its time. */
  release(tx: Tx, row: KillSwitchRow): Promise<KillSwitchRow | null> {
    return this.change(
      tx,
      row,
      `status = 'released', fact_version = fact_version + 1
       WHERE id = $1 AND status = 'releasing' AND stage = $2 AND stage_due <= clock_timestamp()`,
      [row.stage],
    );
  }

  /** Null when somebody was first, or it was engaged anew meanwhile. A rehearsal is over with it. */
  confirm(tx: Tx, row: KillSwitchRow, counted: governance.KillCount): Promise<KillSwitchRow | null> {
    return this.change(
      tx,
      row,
      `confirmed_at = clock_timestamp(), fact_version = fact_version + 1,
       would_stop = CASE WHEN rehearsal THEN $3::jsonb END, status = CASE WHEN rehearsal THEN 'released' ELSE status END
       WHERE id = $1 AND epoch = $2 AND confirmed_at IS NULL AND status <> 'released'`,
      [row.epoch, JSON.stringify(counted)],
    );
  }

  /**
   * One of the team's or of the installation's.
   * @throws AppError `kill_switch.not_found`
   */
  async get(tx: Tx, id: string): Promise<KillSwitchRow> {
    for (const place of [TEAMS, INSTALLATION]) {
      const [row] = await tx.query(`${rowsOf(place)} WHERE id = $1`, [id]);
      if (row) return row;
    }
    throw killSwitchNotFound();
  }

  /** Newest first; `before` is the last id of the page before. */
  async list(
    tx: Tx,
    { status, before, limit }: { status?: governance.KillStatus; before?: string; limit: number },
  ): Promise<KillSwitchRow[]> {
    const where = `WHERE (CASE WHEN $1::text IS NULL THEN status <> 'released' ELSE status = $1 END) AND ($2::uuid IS NULL OR id < $2)`;
    const columns = `id, scope, target, rehearsal, status, stage, epoch, reason, requested_by, on_behalf_of, requested_at,
      confirmed_at, would_stop, released_by, released_at, fact_version`;
    return tx.query(
      `SELECT ${columns}, team_id AS team FROM kill_switch ${where}
       UNION ALL SELECT ${columns}, asked_in AS team FROM installation_kill_switch ${where} ORDER BY id DESC LIMIT $3`,
      [status ?? null, before ?? null, limit],
    );
  }

  private async change(tx: Tx, row: KillSwitchRow, sql: string, values: unknown[]): Promise<KillSwitchRow | null> {
    const { table, team } = placeOf(row.scope);
    const [[changed]] = await tx.query(`UPDATE ${table} SET ${sql} RETURNING *, ${team} AS team`, [row.id, ...values]);
    return changed ?? null;
  }
}
