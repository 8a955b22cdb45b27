import { type CallContext, gateway, type TeamRole } from '#contracts';
import { uuidv7 } from '#kernel';
import { FactLog, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import type { MemberView, TeamView } from './member.messages.js';

type Row<T extends { created_at: string }> = Omit<T, 'created_at'> & { created_at: Date };

const withTime = <T extends { created_at: string }>(row: Row<T>): T =>
  ({ ...row, created_at: row.created_at.toISOString() }) as unknown as T;

const MEMBER = `SELECT u.id, u.email, u.name, m.role, m.created_at
                FROM membership m JOIN users u ON u.id = m.user_id WHERE m.role IS NOT NULL`;

/** Teams and who is in them. A membership's row outlives its end, so that its facts keep one order. */
@Injectable()
export class MemberRepository {
  constructor(private readonly facts: FactLog) {}

  /** Holds the team's memberships still until the transaction ends. False when there is no such team. */
  async lockTeam(tx: Tx, team: string): Promise<boolean> {
    const rows = await tx.query(`SELECT id FROM team WHERE id = $1 FOR UPDATE`, [team]);
    return rows.length === 1;
  }

  async teamExists(tx: Tx, team: string): Promise<boolean> {
    const rows = await tx.query(`SELECT id FROM team WHERE id = $1`, [team]);
    return rows.length === 1;
  }

  /**
   * A new team with its first admin, in one transaction that was opened in another team: its scope moves to the new
   * one for these rows and back. Null when the name is taken.
   */
  async createTeam(tx: Tx, ctx: CallContext, team: { id: string; name: string }): Promise<TeamView | null> {
    const [row] = (await tx.query(
      `INSERT INTO team (id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING id, name, created_at`,
      [team.id, team.name],
    )) as Row<TeamView>[];
    if (!row) return null;
    await tx.query(`SELECT set_config('spectrace.team', $1, true)`, [team.id]);
    await this.setRole(tx, { ...ctx, team: team.id }, ctx.principal.id, 'admin');
    await tx.query(`SELECT set_config('spectrace.team', $1, true)`, [ctx.team]);
    return { ...withTime<TeamView>(row), role: 'admin' };
  }

  async teams(
    tx: Tx,
    user: string,
    page: { every: boolean; only: string | null; limit: number; after?: string },
  ): Promise<TeamView[]> {
    const rows: Row<TeamView>[] = await tx.query(
      `SELECT t.id, t.name, m.role, t.created_at FROM team t LEFT JOIN memberships_of($1) m ON m.team_id = t.id
       WHERE (m.role IS NOT NULL OR $2) AND ($3::uuid IS NULL OR t.id > $3::uuid) AND ($5::uuid IS NULL OR t.id = $5::uuid)
       ORDER BY t.id LIMIT $4`,
      [user, page.every, page.after ?? null, page.limit, page.only],
    );
    return rows.map((row) => withTime<TeamView>(row));
  }

  async list(tx: Tx, page: { limit: number; after?: string }): Promise<MemberView[]> {
    const rows: Row<MemberView>[] = await tx.query(
      `${MEMBER} AND ($1::uuid IS NULL OR u.id > $1::uuid) ORDER BY u.id LIMIT $2`,
      [page.after ?? null, page.limit],
    );
    return rows.map((row) => withTime<MemberView>(row));
  }

  async find(tx: Tx, user: string): Promise<MemberView | null> {
    const [row] = (await tx.query(`${MEMBER} AND u.id = $1`, [user])) as Row<MemberView>[];
    return row ? withTime<MemberView>(row) : null;
  }

  async admins(tx: Tx): Promise<number> {
    const [{ count }] = await tx.query(`SELECT count(*)::integer AS count FROM membership WHERE role = 'admin'`);
    return count;
  }

  /** A member's role, which nobody changes until the transaction ends; null: no member. */
  async lockRole(tx: Tx, team: string, user: string): Promise<TeamRole | null> {
    const [row] = await tx.query(
      `SELECT role FROM membership WHERE team_id = $1 AND user_id = $2 AND role IS NOT NULL FOR SHARE`,
      [team, user],
    );
    return row?.role ?? null;
  }

  /**
   * The one writer of memberships: sets the role (null: no longer a member) and tells the others. Whoever leaves takes
   * every key of theirs in this team along, for good: coming back does not bring them back.
   * @param passwordIssued whoever acts is handed a one-time password of this person, which is told too
   */
  async setRole(tx: Tx, ctx: CallContext, user: string, role: TeamRole | null, passwordIssued = false): Promise<void> {
    const [row] = await tx.query(
      `INSERT INTO membership AS m (id, team_id, user_id, role, fact_version) VALUES ($1, $2, $3, $4, 1)
       ON CONFLICT (team_id, user_id) DO UPDATE
       SET role = $4, fact_version = m.fact_version + 1,
           created_at = CASE WHEN m.role IS NULL THEN clock_timestamp() ELSE m.created_at END
       RETURNING id, fact_version, (SELECT email FROM users WHERE users.id = m.user_id) AS email`,
      [uuidv7(), ctx.team, user, role],
    );
    if (role === null) {
      await tx.query(
        `UPDATE api_key SET revoked_at = clock_timestamp() WHERE team_id = $1 AND user_id = $2 AND revoked_at IS NULL`,
        [ctx.team, user],
      );
    }
    await this.facts.append(tx, ctx, gateway.memberChanged, {
      aggregate_id: row.id,
      version: row.fact_version,
      body: {
        ...{ user_id: user, email: row.email, role, active: true },
        ...(passwordIssued && { password_issued: true }),
      },
    });
  }
}
