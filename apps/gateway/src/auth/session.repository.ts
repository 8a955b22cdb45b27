import { uuidv7 } from '#kernel';
import { Database, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { NO_TEAM, type Person, PERSON } from '../user/user.repository.js';
import { AccessChanges } from './access-changes.js';
import { Recent } from './recent.rules.js';
import { hashOf, type SessionToken } from './session-keys.js';
import { type Carrier, GRACE_S, IDLE_S, LIFETIME_S, type Presented, TOUCH_S, worthOf } from './session.rules.js';

/** How old an answer about a person may be: as late as this another process's change counts here. */
const RECENT_MS = 500;

/** Not ended, not expired, not idle. */
export const OPEN = `session.ended_at IS NULL AND session.expires_at > clock_timestamp()
  AND session.last_used_at > clock_timestamp() - interval '${IDLE_S} seconds'`;

const STATE = `session.id AS session, session.team, session.carrier, session.expires_at, ${OPEN} AS open,
  session.last_used_at < clock_timestamp() - interval '${TOUCH_S} seconds' AS stale`;

const TOKEN_STATE = `session.token_hash = $2 AS is_current, session.previous_hash IS NOT DISTINCT FROM $2 AS is_previous,
  coalesce(session.rotated_at > clock_timestamp() - interval '${GRACE_S} seconds', false) AS in_grace`;

interface SessionState {
  session: string;
  /** The one signed in to. */
  team: string;
  carrier: Carrier;
  expires_at: Date;
  open: boolean;
  stale: boolean;
}

/** A person with the session they come by. */
export interface PersonInSession {
  person: Person;
  session: string;
  team: string;
  expires_at: Date;
  open: boolean;
}

export type Worth = ReturnType<typeof worthOf>;

export interface Rotated {
  worth: Worth;
  session: string;
  user: string;
  team: string;
  expires_at: Date;
  /** True: the person has a one-time password. */
  one_time: boolean;
}

export interface SessionRow {
  id: string;
  client: string;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
}

const split = (row: Person & SessionState): PersonInSession => {
  const { session, team, carrier: _carrier, expires_at, open, stale: _stale, ...person } = row;
  return { person, session, team, expires_at, open };
};

/** Sign-ins; of every token only the SHA-256 is kept. */
@Injectable()
export class SessionRepository {
  private readonly recent = new Recent<{ known: PersonInSession; changes: number }>();

  constructor(
    private readonly database: Database,
    private readonly changes: AccessChanges,
  ) {}

  /** Null when the password is not the one that was checked any more: its change ended every session before this one. */
  start(session: {
    user: string;
    password_hash: string;
    team: string;
    client: string;
    carrier: Carrier;
    token: SessionToken;
  }): Promise<{ id: string } | null> {
    const { user, password_hash, team, client, carrier, token } = session;
    return this.database.inTeam(NO_TEAM, async (tx) => {
      const [row] = await tx.query(
        `INSERT INTO session (id, user_id, team, client, carrier, handle_hash, token_hash, expires_at)
         SELECT $1, users.id, $3, $4, $5, $6, $7, clock_timestamp() + interval '${LIFETIME_S} seconds'
         FROM users WHERE id = $2 AND password_hash = $8 FOR SHARE RETURNING id`,
        [uuidv7(), user, team, client, carrier, hashOf(token.handle), hashOf(token.secret), password_hash],
      );
      return row ?? null;
    });
  }

  /** As `person`, used, at most half a second old; what this process has changed since is in it. */
  async recentPerson(by: { user: string; session: string }): Promise<PersonInSession | null> {
    const key = `${by.user} ${by.session}`;
    const changes = this.changes.count;
    const now = performance.now();
    const found = this.recent.get(key, now);
    if (found?.changes === changes) return found.known;
    const known = await this.person(by, true);
    if (known?.open) this.recent.set(key, { known, changes }, now + RECENT_MS);
    return known;
  }

  /**
   * The person and the session an access token names, in one question; null when they do not belong together.
   * @param use false: only looked at, which does not keep the session from becoming idle
   */
  person(by: { user: string; session: string }, use: boolean): Promise<PersonInSession | null> {
    return this.database.inTeam(NO_TEAM, async (tx) => {
      const [row]: (Person & SessionState)[] = await tx.query(
        `SELECT ${PERSON}, ${STATE} FROM session JOIN users ON users.id = session.user_id
         WHERE session.id = $1 AND users.id = $2`,
        [by.session, by.user],
      );
      if (!row) return null;
      if (use) await this.touch(tx, row);
      return split(row);
    });
  }

  /** The person behind a session's token, in one question. A token that was used twice ends its session. */
  async byToken(token: SessionToken, carrier: Carrier): Promise<(PersonInSession & { worth: Worth }) | null> {
    const found = await this.database.inTeam(NO_TEAM, async (tx) => {
      const [row]: (Person & SessionState & Presented)[] = await tx.query(
        `SELECT ${PERSON}, ${STATE}, ${TOKEN_STATE} FROM session JOIN users ON users.id = session.user_id
         WHERE session.handle_hash = $1`,
        [hashOf(token.handle), hashOf(token.secret)],
      );
      if (!row) return null;
      const worth = worthOf(row, carrier);
      if (worth === 'reused') await this.close(tx, row.session);
      else if (worth === 'current' || worth === 'previous') await this.touch(tx, row);
      const { is_current: _current, is_previous: _previous, in_grace: _grace, ...rest } = row;
      return { ...split(rest), worth };
    });
    if (found?.worth === 'reused') this.changes.note();
    return found;
  }

  /**
   * Replaces the current token by the next; the one before stays good for the grace. A token that was used twice ends
   * its session.
   */
  rotate(token: SessionToken, next: SessionToken, carrier: Carrier): Promise<Rotated | null> {
    return this.changing(async (tx) => {
      const [row]: (Rotated & SessionState & Presented)[] = await tx.query(
        `SELECT session.user_id AS "user", users.one_time_until IS NOT NULL AS one_time, ${STATE}, ${TOKEN_STATE}
         FROM session JOIN users ON users.id = session.user_id WHERE handle_hash = $1 FOR UPDATE OF session`,
        [hashOf(token.handle), hashOf(token.secret)],
      );
      if (!row) return null;
      const worth = worthOf(row, carrier);
      if (worth === 'reused') await this.close(tx, row.session);
      if (worth === 'current') {
        await tx.query(
          `UPDATE session SET token_hash = $2, previous_hash = token_hash, rotated_at = clock_timestamp(),
             last_used_at = clock_timestamp() WHERE id = $1`,
          [row.session, hashOf(next.secret)],
        );
      }
      const { session, user, team, expires_at, one_time } = row;
      return { worth, session, user, team, expires_at, one_time };
    });
  }

  /** A person's open sessions by id, the oldest first. */
  list(user: string, page: { limit: number; after?: string }): Promise<SessionRow[]> {
    return this.database.inTeam(NO_TEAM, (tx) =>
      tx.query(
        `SELECT id, client, created_at, last_used_at, expires_at FROM session
         WHERE user_id = $1 AND ${OPEN} AND ($2::uuid IS NULL OR id > $2::uuid) ORDER BY id LIMIT $3`,
        [user, page.after ?? null, page.limit],
      ),
    );
  }

  /** False when it is not an open session of this person. */
  end(by: { user: string; session: string }): Promise<boolean> {
    return this.changing(async (tx) => {
      const [, ended] = await tx.query(
        `UPDATE session SET ended_at = clock_timestamp() WHERE id = $1 AND user_id = $2 AND ${OPEN}`,
        [by.session, by.user],
      );
      return ended === 1;
    });
  }

  /** Ends the session of any token it ever had: whoever gives one up, gives all up. */
  endByHandle(handle: string, carrier: Carrier): Promise<void> {
    return this.changing(async (tx) => {
      await tx.query(
        `UPDATE session SET ended_at = clock_timestamp() WHERE handle_hash = $1 AND carrier = $2 AND ended_at IS NULL`,
        [hashOf(handle), carrier],
      );
    });
  }

  private changing<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.changes.during(() => this.database.inTeam(NO_TEAM, work));
  }

  private async close(tx: Tx, id: string): Promise<void> {
    await tx.query(`UPDATE session SET ended_at = clock_timestamp() WHERE id = $1 AND ended_at IS NULL`, [id]);
  }

  private async touch(tx: Tx, { session, open, stale }: SessionState): Promise<void> {
    if (!open || !stale) return;
    await tx.query(`UPDATE session SET last_used_at = clock_timestamp() WHERE id = $1 AND ${OPEN}`, [session]);
  }
}
