import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import { NO_TEAM } from '../user/user.repository.js';
import { ticketInvalid } from './auth.errors.js';
import type { Caller, Grant } from './authenticator.js';
import { hashOf, randomSecret } from './session-keys.js';
import { OPEN } from './session.repository.js';

export const TICKET_LIFETIME_S = 30;
const TICKET = /^[A-Za-z0-9_-]{43}$/;

/** One-time tickets: what a page opens a socket with, because it can send no header there. */
@Injectable()
export class TicketService {
  constructor(private readonly database: Database) {}

  /** A ticket for what the caller may do now, in the team they act in; 256 random bits, of which the hash is kept. */
  async issue({ team, grant }: Pick<Caller, 'team' | 'grant'>): Promise<{ ticket: string; expires_in: number }> {
    const ticket = randomSecret();
    await this.database.inTeam(NO_TEAM, (tx) =>
      tx.query(
        `INSERT INTO stream_ticket (hash, user_id, team, session_id, ends_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, clock_timestamp() + interval '${TICKET_LIFETIME_S} seconds')`,
        [hashOf(ticket), grant.user, team, grant.session, new Date(grant.endsAt)],
      ),
    );
    return { ticket, expires_in: TICKET_LIFETIME_S };
  }

  /**
   * Takes the ticket: of any number of processes one gets the grant. Its team is the one the ticket was asked for in.
   * @throws AppError `auth.ticket_invalid`
   */
  async redeem(ticket: string): Promise<Grant> {
    if (!TICKET.test(ticket)) throw ticketInvalid();
    const [[taken]] = await this.database.inTeam(NO_TEAM, (tx) =>
      tx.query(
        `DELETE FROM stream_ticket WHERE hash = $1 RETURNING user_id, team, session_id, ends_at,
           expires_at > clock_timestamp() AND (session_id IS NULL OR EXISTS (
             SELECT FROM session WHERE session.id = session_id AND ${OPEN})) AS good`,
        [hashOf(ticket)],
      ),
    );
    if (!taken?.good) throw ticketInvalid();
    return {
      user: taken.user_id,
      team: taken.team,
      session: taken.session_id,
      key: null,
      endsAt: taken.ends_at.getTime(),
    };
  }
}
