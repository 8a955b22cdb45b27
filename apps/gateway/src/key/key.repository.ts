import type { PrincipalKind, TeamRole } from '#contracts';
import { Database, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import type { Permission } from '../auth/permission.rules.js';
import { NO_TEAM, type Person, PERSON } from '../user/user.repository.js';
import type { KeyPowers } from './key.rules.js';

/** Uses a process takes in hand at a time: a twentieth of what is left, 1 to 10. */
const LEASE = `least(10, greatest(1, (usage_limit - uses) / 20))`;

const IS_OVER = `revoked_at IS NOT NULL AS revoked, expires_at <= clock_timestamp() AS expired`;

/** A key as a request brings it: what it was made to do, and what became of it. */
export interface KnownKey extends KeyPowers {
  id: string;
  team: string;
  name: string;
  secret_hash: Buffer;
  usage_limit: number | null;
  expires_at: Date;
  revoked: boolean;
  expired: boolean;
}

export interface KeyRow extends KeyPowers {
  id: string;
  user_id: string;
  email: string;
  name: string;
  usage_limit: number | null;
  uses: number;
  created_at: Date;
  last_used_at: Date | null;
  expires_at: Date;
  revoked_at: Date | null;
  revoked: boolean;
  expired: boolean;
  /** The role of the person behind it, as of now; null: no longer a member. */
  person_role: TeamRole | null;
}

export interface NewKeyRow {
  id: string;
  team: string;
  user: string;
  type: PrincipalKind;
  name: string;
  role: TeamRole | null;
  scopes: readonly Permission[] | null;
  secret_hash: Buffer;
  usage_limit: number | null;
  days: number;
}

export interface Used {
  key: string;
  /** Below 0: taken in hand and given back. */
  uses: number;
  /** False: nobody has used it since the last time. */
  touched: boolean;
}

/** API keys; of every secret only its HMAC is kept. */
@Injectable()
export class KeyRepository {
  constructor(private readonly database: Database) {}

  /** A key of any team and the person behind it, in one question. */
  known(id: string): Promise<{ person: Person; key: KnownKey } | null> {
    return this.database.inTeam(NO_TEAM, async (tx) => {
      const [row] = await tx.query(
        `SELECT to_jsonb(person) AS person, key.* FROM (
           SELECT id, team_id AS team, user_id, type, name, role, scopes, secret_hash, usage_limit, expires_at, ${IS_OVER}
           FROM api_key_of($1)) AS key
         JOIN LATERAL (SELECT ${PERSON} FROM users WHERE users.id = key.user_id) AS person ON true`,
        [id],
      );
      if (!row) return null;
      const { person, user_id: _user, ...key } = row;
      return { person, key };
    });
  }

  async insert(tx: Tx, key: NewKeyRow): Promise<void> {
    await tx.query(
      `INSERT INTO api_key (id, team_id, user_id, type, name, role, scopes, secret_hash, usage_limit, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() + $10::integer * interval '1 day')`,
      [
        key.id,
        key.team,
        key.user,
        key.type,
        key.name,
        key.role,
        key.scopes,
        key.secret_hash,
        key.usage_limit,
        key.days,
      ],
    );
  }

  /** How many of a person's keys are open; nobody makes another one for them until the transaction ends. */
  async countOpen(tx: Tx, user: string): Promise<number> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('gateway: keys of ' || $1, 0))`, [user]);
    const [{ count }] = await tx.query(
      `SELECT count(*)::integer AS count FROM api_key
       WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > clock_timestamp()`,
      [user],
    );
    return count;
  }

  /** The newest first; of one person, or of everybody in the team. */
  list(tx: Tx, of: { user: string | null; id?: string; after?: string; limit: number }): Promise<KeyRow[]> {
    return tx.query(
      `SELECT key.id, key.user_id, users.email, key.type, key.name, key.role, key.scopes, key.usage_limit,
         key.uses::float8 AS uses, key.created_at, key.last_used_at, key.expires_at, key.revoked_at, ${IS_OVER},
         membership.role AS person_role
       FROM api_key AS key JOIN users ON users.id = key.user_id
         LEFT JOIN membership ON membership.user_id = key.user_id
       WHERE ($1::uuid IS NULL OR key.user_id = $1::uuid) AND ($2::uuid IS NULL OR key.id = $2::uuid)
         AND ($3::uuid IS NULL OR key.id < $3::uuid)
       ORDER BY key.id DESC LIMIT $4`,
      [of.user, of.id ?? null, of.after ?? null, of.limit],
    );
  }

  /** False when it is no open key of this person, or of anybody in the team. */
  async revoke(tx: Tx, of: { user: string | null; id: string }): Promise<boolean> {
    const [, revoked] = await tx.query(
      `UPDATE api_key SET revoked_at = clock_timestamp()
       WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2::uuid) AND revoked_at IS NULL`,
      [of.id, of.user],
    );
    return revoked === 1;
  }

  /** Takes some of what a limited key has left; 0 when nothing is. They count as used until they are given back. */
  lease({ id, team }: { id: string; team: string }): Promise<number> {
    return this.database.inTeam({ team }, async (tx) => {
      const [[row]] = await tx.query(
        `UPDATE api_key SET uses = uses + ${LEASE}, last_used_at = clock_timestamp()
         WHERE id = $1 AND uses < usage_limit RETURNING (new.uses - old.uses)::integer AS leased`,
        [id],
      );
      return row?.leased ?? 0;
    });
  }

  /** Adds what was counted, of any number of one team's keys in one statement. */
  async count(team: string, used: readonly Used[]): Promise<void> {
    await this.database.inTeam({ team }, (tx) =>
      tx.query(
        `UPDATE api_key SET uses = api_key.uses + used.uses,
           last_used_at = CASE WHEN used.touched THEN clock_timestamp() ELSE last_used_at END
         FROM unnest($1::uuid[], $2::integer[], $3::boolean[]) AS used (key, uses, touched) WHERE api_key.id = used.key`,
        [used.map(({ key }) => key), used.map(({ uses }) => uses), used.map(({ touched }) => touched)],
      ),
    );
  }
}
