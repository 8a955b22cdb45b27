import { type CallContext, governance, type prediction } from '#contracts';
import { uuidv7 } from '#kernel';
import { FactLog, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { violationNotFound } from './violation.errors.js';
import { DUE_DAYS, type Noticed, statusSources } from './violation.rules.js';

export interface ViolationRow extends Omit<Noticed, 'key'> {
  id: string;
  occurred_at: Date;
  status: governance.ViolationStatus;
  owner: string | null;
  due_at: Date | null;
  changes: governance.ViolationChange[];
  fact_version: number;
}

/** The register; every change of it is a fact in its transaction. */
@Injectable()
export class ViolationRepository {
  constructor(private readonly facts: FactLog) {}

  /** Noticed again, it is the row there is, whatever people made of it. `at`: RFC 3339; absent: now. */
  async record(tx: Tx, ctx: CallContext, noticed: Noticed, at?: string): Promise<void> {
    const { severity, violation_type, sentence, agent_id, execution_id, step } = noticed;
    const row = { id: uuidv7(), team_id: ctx.team, ...noticed };
    const columns = Object.keys(row).join(', ');
    const inserted = await tx.query(
      `INSERT INTO violation (${columns}, occurred_at, due_at)
       SELECT ${columns}, clock.at, clock.at + $3 * interval '1 day'
       FROM jsonb_populate_record(NULL::violation, $1), (SELECT coalesce($2::timestamptz, clock_timestamp()) AS at) AS clock
       ON CONFLICT (team_id, key) DO NOTHING RETURNING id`,
      [row, at ?? null, DUE_DAYS[severity as prediction.Severity]],
    );
    if (inserted.length === 0) return;
    await this.facts.append(tx, ctx, governance.violationRecorded, {
      aggregate_id: row.id,
      version: 1,
      body: { violation_id: row.id, agent_id, violation_type, severity, sentence, execution_id, step },
    });
  }

  /** @throws AppError `violation.not_found` */
  async get(tx: Tx, id: string): Promise<ViolationRow> {
    const [row] = await tx.query(`SELECT * FROM violation WHERE id = $1`, [id]);
    if (!row) throw violationNotFound();
    return row;
  }

  /** Newest first; `before` is the last id of the page before. */
  list(
    tx: Tx,
    wanted: Omit<governance.ListViolations, 'cursor'> & { before?: string; limit: number },
  ): Promise<ViolationRow[]> {
    const { status, severity, violation_type, owner, agent_id, execution_id, before, limit } = wanted;
    return tx.query(
      `SELECT * FROM violation
       WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR severity = $2)
         AND ($3::text IS NULL OR violation_type = $3) AND ($4::uuid IS NULL OR owner = $4)
         AND ($5::text IS NULL OR agent_id = $5) AND ($6::uuid IS NULL OR execution_id = $6)
         AND ($7::uuid IS NULL OR id < $7)
       ORDER BY id DESC LIMIT $8`,
      [...[status, severity, violation_type, owner, agent_id, execution_id, before].map((one) => one ?? null), limit],
    );
  }

  /** Null when its status cannot become this one. */
  async change(tx: Tx, ctx: CallContext, input: governance.ChangeViolation): Promise<ViolationRow | null> {
    const { id, owner, status, due_at, note } = input;
    const [[row]] = await tx.query(
      `UPDATE violation SET status = coalesce($2, status),
         owner = CASE WHEN $3 THEN $4::uuid ELSE owner END,
         due_at = CASE WHEN $5 THEN $6::timestamptz ELSE due_at END, fact_version = fact_version + 1
       WHERE id = $1 AND ($2::text IS NULL OR status = ANY($7)) RETURNING *`,
      [
        id,
        status ?? null,
        owner !== undefined,
        owner ?? null,
        due_at !== undefined,
        due_at ?? null,
        status ? statusSources(status) : [],
      ],
    );
    if (!row) return null;
    const [[changed]] = await tx.query(
      `UPDATE violation SET changes = changes || jsonb_build_array($2::jsonb || jsonb_build_object('at', clock_timestamp()))
       WHERE id = $1 RETURNING *`,
      [id, { by: ctx.principal, status: row.status, owner: row.owner, due_at: row.due_at, note: note?.trim() ?? null }],
    );
    await this.facts.append(tx, ctx, governance.violationChanged, {
      aggregate_id: id,
      version: changed.fact_version,
      body: {
        violation_id: id,
        agent_id: changed.agent_id,
        status: changed.status,
        owner: changed.owner,
        due_at: changed.due_at?.toISOString() ?? null,
      },
    });
    return changed;
  }
}
