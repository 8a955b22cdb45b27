import type { CallContext, Principal } from '#contracts';
import { uuidv7 } from '#kernel';
import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import { MemberRepository } from '../member/member.repository.js';
import { NO_TEAM, normalEmail, UserRepository } from '../user/user.repository.js';
import type { Known } from './oidc.rules.js';

const GATEWAY: Principal = { kind: 'service', id: 'gateway', name: 'gateway' };

/** An account at a provider. */
export interface Account {
  issuer: string;
  subject: string;
}

/** Which accounts of a provider sign in as whom. */
@Injectable()
export class OidcRepository {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly members: MemberRepository,
  ) {}

  known({ issuer, subject }: Account, email: string | undefined): Promise<Known> {
    return this.database.inTeam(NO_TEAM, async (tx) => {
      const [row] = await tx.query(
        `SELECT (SELECT user_id FROM oidc_account WHERE issuer = $1 AND subject = $2) AS "byAccount",
           (SELECT jsonb_build_object('id', id, 'linked',
              EXISTS (SELECT FROM oidc_account WHERE issuer = $1 AND user_id = users.id))
            FROM users WHERE email = $3) AS "byEmail"`,
        [issuer, subject, email === undefined ? null : normalEmail(email)],
      );
      return row;
    });
  }

  /**
   * Lets the account sign in as this person from now on; a one-time password they never used is none any more.
   * False when one of the two was linked otherwise meanwhile.
   * @param hash of a password nobody knows
   */
  link({ issuer, subject }: Account, user: string, hash: string): Promise<boolean> {
    return this.database.inTeam(NO_TEAM, async (tx) => {
      const linked = await tx.query(
        `INSERT INTO oidc_account (issuer, subject, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING user_id`,
        [issuer, subject, user],
      );
      if (linked.length === 0) return false;
      await tx.query(
        `UPDATE users SET password_hash = $2, one_time_until = NULL, settled = true
         WHERE id = $1 AND one_time_until IS NOT NULL`,
        [user, hash],
      );
      return true;
    });
  }

  /** A new person, viewer of the team of this name. Null when there is no such team. */
  async join(email: string, team: string, hash: string): Promise<string | null> {
    const [found] = await this.database.inTeam(NO_TEAM, (tx) =>
      tx.query(`SELECT id FROM team WHERE name = $1`, [team]),
    );
    if (!found) return null;
    const ctx: CallContext = { team: found.id, principal: GATEWAY, on_behalf_of: GATEWAY, roles: [] };
    return this.database.inTeam(ctx, async (tx) => {
      const { id, created } = await this.users.findOrCreate(tx, {
        id: uuidv7(),
        email,
        name: email,
        password_hash: hash,
      });
      if (created) await this.members.setRole(tx, ctx, id, 'viewer');
      return id;
    });
  }
}
