import { type CallContext, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import { FactLog, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import type { Approval } from '../approval/approval.entity.js';
import { Bypass } from './bypass.entity.js';
import { bypassNotFound } from './bypass.errors.js';

/** The same as `bypassStatus`, for a query. */
const HAS_STATUS: Record<governance.BypassStatus, string> = {
  revoked: `revoked_at IS NOT NULL`,
  used_up: `revoked_at IS NULL AND used >= uses`,
  expired: `revoked_at IS NULL AND used < uses AND expires_at <= clock_timestamp()`,
  active: `revoked_at IS NULL AND used < uses AND expires_at > clock_timestamp()`,
};

/** What the approver of a bypass has seen ask. */
export type BypassSubject = Pick<Approval, 'requested_by'> & Pick<governance.DecideAction, 'agent_version' | 'held'>;

type Use = Pick<governance.BypassUse, 'use'> & { bypass_id: string; digest: string };

/** Bypasses and their uses; what changes one is one conditional update and one fact, but a use, which is its action's. */
@Injectable()
export class BypassRepository {
  constructor(private readonly facts: FactLog) {}

  /** Of the newest question about this agent and tool, whatever became of it; null: there was none. */
  async subject(tx: Tx, agent_id: string, tool: string, approvalId: string | null): Promise<BypassSubject | null> {
    const [found] = await tx.query(
      `SELECT request ->> 'agent_version' AS agent_version, (request ->> 'held')::boolean AS held, requested_by
       FROM approval WHERE agent_id = $1 AND tool = $2 AND ($3::uuid IS NULL OR id = $3) ORDER BY id DESC LIMIT 1`,
      [agent_id, tool, approvalId],
    );
    return (found as BypassSubject | undefined) ?? null;
  }

  async add(tx: Tx, ctx: CallContext, input: governance.AddBypass, subject: BypassSubject): Promise<Bypass> {
    const { agent_id, tool, reason, uses, minutes } = input;
    const { agent_version, held, requested_by } = subject;
    const [row] = await tx.query(
      `INSERT INTO bypass (id, team_id, agent_id, tool, reason, uses, given_by, agent_version, held, requested_by, given_at, expires_at)
       SELECT $1, $2, $3, $4, $5, $6, $7, $9, $10, $11, clock.now, clock.now + $8 * interval '1 minute'
       FROM (SELECT clock_timestamp()::timestamptz(3) AS now) AS clock RETURNING *`,
      [uuidv7(), ctx.team, agent_id, tool, reason, uses, ctx.principal, minutes, agent_version, held, requested_by],
    );
    const given = row as Bypass;
    await this.facts.append(tx, ctx, governance.bypassAdded, {
      aggregate_id: given.id,
      version: given.fact_version,
      body: {
        ...{ bypass_id: given.id, agent_id, agent_version, held, tool, reason, uses },
        given_by: given.given_by,
        expires_at: given.expires_at.toISOString(),
      },
    });
    return given;
  }

  /**
   * Null when it was revoked before.
   * @throws AppError `bypass.not_found`
   */
  async revoke(tx: Tx, ctx: CallContext, id: string): Promise<Bypass | null> {
    const [[row]] = await tx.query(
      `UPDATE bypass SET revoked_by = $2, revoked_at = clock_timestamp(), fact_version = fact_version + 1
       WHERE id = $1 AND revoked_at IS NULL RETURNING *`,
      [id, ctx.principal],
    );
    const revoked = row as Bypass | undefined;
    if (!revoked) return (await this.get(tx, id)) && null;
    const { agent_id, tool, used } = revoked;
    await this.facts.append(tx, ctx, governance.bypassRevoked, {
      aggregate_id: id,
      version: revoked.fact_version,
      body: { bypass_id: id, agent_id, tool, used, revoked_by: ctx.principal },
    });
    return revoked;
  }

  /** @throws AppError `bypass.not_found` */
  async get(tx: Tx, id: string): Promise<Bypass> {
    const found = await tx.findOneBy(Bypass, { id });
    if (!found) throw bypassNotFound();
    return found;
  }

  /** Newest first; `before` is the last id of the page before. */
  async list(
    tx: Tx,
    { limit, before, status }: { limit: number; before?: string; status?: governance.BypassStatus },
  ): Promise<Bypass[]> {
    const rows = tx.createQueryBuilder(Bypass, 'bypass').orderBy('bypass.id', 'DESC').limit(limit);
    if (before) rows.andWhere({ id: LessThan(before) });
    if (status) rows.andWhere(`(${HAS_STATUS[status]})`);
    return rows.getMany();
  }

  /** Those an action might use now, the one that ends first before the others. */
  candidates(tx: Tx, { agent_id, tool }: Pick<governance.DecideAction, 'agent_id' | 'tool'>): Promise<Bypass[]> {
    return tx.query(
      `SELECT * FROM bypass WHERE agent_id = $1 AND tool = $2 AND ${HAS_STATUS.active} ORDER BY expires_at, id`,
      [agent_id, tool],
    );
  }

  /** Locks the row: until the end of the transaction nobody else uses or revokes it. */
  async lock(tx: Tx, id: string): Promise<void> {
    await tx.query(`SELECT FROM bypass WHERE id = $1 FOR UPDATE`, [id]);
  }

  /** What an action key has used before. */
  async useOf(tx: Tx, { execution_id, step, index }: governance.DecideAction): Promise<Use | null> {
    const [found] = await tx.query(
      `SELECT bypass_id, digest, use FROM bypass_use WHERE execution_id = $1 AND step = $2 AND index = $3`,
      [execution_id, step, index],
    );
    return (found as Use | undefined) ?? null;
  }

  /** One more use for an action key that has none; null when none is left, by number, by time or by revocation. */
  async use(tx: Tx, team: string, id: string, action: governance.DecideAction): Promise<number | null> {
    const [[counted]] = await tx.query(
      `UPDATE bypass SET used = used + 1 WHERE id = $1 AND ${HAS_STATUS.active} RETURNING used`,
      [id],
    );
    if (!counted) return null;
    const { execution_id, step, index, digest } = action;
    await tx.query(
      `INSERT INTO bypass_use (team_id, execution_id, step, index, digest, bypass_id, use) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [team, execution_id, step, index, digest, id, counted.used],
    );
    return counted.used as number;
  }
}
