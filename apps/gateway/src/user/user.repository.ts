import type { TeamRole } from '#contracts';
import { Database, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { AccessChanges } from '../auth/access-changes.js';

/** Identity is looked up before a team is known: a transaction in this team sees no team's rows. */
export const NO_TEAM = { team: '00000000-0000-0000-0000-000000000000' };

export interface Place {
  team: string;
  name: string;
  role: TeamRole;
}

/** A person as they are now. */
export interface Person {
  id: string;
  email: string;
  name: string;
  installation_admin: boolean;
  /** True: until they set a password of their own. */
  one_time: boolean;
  /** Who gave out their last one-time password (RFC 3339); null: nobody did. */
  password_issued: { by: string; at: string } | null;
  /** Oldest membership first. */
  places: Place[];
}

/** The columns of a Person, of `users`. */
export const PERSON = `users.id, users.email, users.name, users.installation_admin,
  users.one_time_until IS NOT NULL AS one_time,
  CASE WHEN users.one_time_at IS NOT NULL THEN jsonb_build_object('by', users.one_time_by, 'at', users.one_time_at) END
    AS password_issued,
  coalesce((SELECT jsonb_agg(jsonb_build_object('team', place.team_id, 'name', team.name, 'role', place.role)
                             ORDER BY place.nth)
            FROM memberships_of(users.id) WITH ORDINALITY AS place (team_id, role, nth)
            JOIN team ON team.id = place.team_id), '[]') AS places`;

/** What a sign-in is checked against. */
export interface Credentials {
  id: string;
  password_hash: string;
  /** False: a one-time password that has run out. */
  usable: boolean;
  one_time: boolean;
}

export interface NewUser {
  id: string;
  email: string;
  name: string;
  password_hash: string;
  installation_admin?: boolean;
  /** Absent: the password is their own. */
  one_time?: OneTime;
}

/** A one-time password that somebody was given for another. */
export interface OneTime {
  /** It ends after so many. */
  hours: number;
  /** Name of whoever gave it out. */
  by: string;
}

/** What decides who may be handed a one-time password of a person. */
export interface Recoverable {
  /** They have a one-time password, or one that has run out. */
  one_time: boolean;
  /** They once had a password of their own, or another sign-in. */
  settled: boolean;
  installation_admin: boolean;
  /** In another team too. */
  elsewhere: boolean;
}

export const normalEmail = (email: string): string => email.toLowerCase();

/** The people of the installation. */
@Injectable()
export class UserRepository {
  constructor(
    private readonly database: Database,
    private readonly changes: AccessChanges,
  ) {}

  find(id: string): Promise<Person | null> {
    return this.database.inTeam(NO_TEAM, async (tx) => {
      const [person] = await tx.query(`SELECT ${PERSON} FROM users WHERE users.id = $1`, [id]);
      return person ?? null;
    });
  }

  /** The team that the first admin was given. */
  oldestTeam(): Promise<string | null> {
    return this.database.inTeam(NO_TEAM, async (tx) => {
      const [team] = await tx.query(`SELECT id FROM team ORDER BY created_at, id LIMIT 1`);
      return team?.id ?? null;
    });
  }

  credentials(by: { email: string } | { id: string }): Promise<Credentials | null> {
    const [column, value] = 'email' in by ? ['email', normalEmail(by.email)] : ['id', by.id];
    return this.database.inTeam(NO_TEAM, async (tx) => {
      const [found] = await tx.query(
        `SELECT id, password_hash, one_time_until IS NOT NULL AS one_time,
                coalesce(one_time_until > clock_timestamp(), true) AS usable
         FROM users WHERE ${column} = $1`,
        [value],
      );
      return found ?? null;
    });
  }

  /**
   * Ends every session of the person but `kept` too. False when the password has changed since `was` was read.
   */
  changePassword(id: string, change: { was: string; hash: string; kept: string | null }): Promise<boolean> {
    const work = async (tx: Tx): Promise<boolean> => {
      const [, changed] = await tx.query(
        `UPDATE users SET password_hash = $3, one_time_until = NULL, settled = true WHERE id = $1 AND password_hash = $2`,
        [id, change.was, change.hash],
      );
      if (changed !== 1) return false;
      await tx.query(
        `UPDATE session SET ended_at = clock_timestamp()
         WHERE user_id = $1 AND id IS DISTINCT FROM $2::uuid AND ended_at IS NULL`,
        [id, change.kept],
      );
      return true;
    };
    return this.changes.during(() => this.database.inTeam(NO_TEAM, work));
  }

  /** Stays as it is until the transaction ends. */
  async lock(tx: Tx, id: string, team: string): Promise<Recoverable> {
    const [person] = await tx.query(
      `SELECT one_time_until IS NOT NULL AS one_time, settled, installation_admin FROM users WHERE id = $1 FOR UPDATE`,
      [id],
    );
    const [{ elsewhere }] = await tx.query(
      `SELECT EXISTS (SELECT FROM memberships_of($1) AS place WHERE place.team_id <> $2) AS elsewhere`,
      [id, team],
    );
    return { ...person, elsewhere };
  }

  /** Replaces the password, whoever chose it, by a one-time password, and ends every session of the person. */
  async issuePassword(tx: Tx, id: string, { hash, hours, by }: OneTime & { hash: string }): Promise<void> {
    await tx.query(
      `UPDATE users SET password_hash = $2, one_time_until = clock_timestamp() + $3::integer * interval '1 hour',
         one_time_by = $4, one_time_at = clock_timestamp() WHERE id = $1`,
      [id, hash, hours, by],
    );
    await tx.query(`UPDATE session SET ended_at = clock_timestamp() WHERE user_id = $1 AND ended_at IS NULL`, [id]);
  }

  anybody(): Promise<boolean> {
    return this.database.inTeam(NO_TEAM, (tx) => this.anybodyIn(tx));
  }

  async anybodyIn(tx: Tx): Promise<boolean> {
    const [{ found }] = await tx.query(`SELECT EXISTS (SELECT FROM users) AS found`);
    return found;
  }

  /** The person with this address, made when there is none; `created` tells which. */
  async findOrCreate(tx: Tx, user: NewUser): Promise<{ id: string; created: boolean }> {
    const email = normalEmail(user.email);
    const [created] = await tx.query(
      `INSERT INTO users (id, email, name, password_hash, installation_admin, one_time_until, one_time_by, one_time_at, settled)
       VALUES ($1, $2, $3, $4, $5, clock_timestamp() + $6::integer * interval '1 hour', $7,
         CASE WHEN $7::text IS NOT NULL THEN clock_timestamp() END, $7::text IS NULL)
       ON CONFLICT (email) DO NOTHING RETURNING id`,
      [
        ...[user.id, email, user.name, user.password_hash, user.installation_admin ?? false],
        ...[user.one_time?.hours ?? null, user.one_time?.by ?? null],
      ],
    );
    if (created) return { id: created.id, created: true };
    const [known] = await tx.query(`SELECT id FROM users WHERE email = $1`, [email]);
    return { id: known.id, created: false };
  }
}
