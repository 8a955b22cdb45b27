import type { CallContext, Principal } from '#contracts';
import { AppError, uuidv7 } from '#kernel';
import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { EMAIL_PATTERN } from '../member/member.messages.js';
import { MemberRepository } from '../member/member.repository.js';
import { UserRepository } from '../user/user.repository.js';
import { MIN_PASSWORD_LENGTH } from './auth.messages.js';
import { hashPassword } from './password.js';

const EMAIL = 'admin@localhost';
const TEAM = 'default';
const PASSWORD_BYTES = 15;
const GATEWAY: Principal = { kind: 'service', id: 'gateway', name: 'gateway' };

export interface FirstAdminLogin {
  email: string;
  password: string;
  /** True: nobody chose the password, so somebody has to be shown it, once. */
  generated: boolean;
  /** Id of team `default`. */
  team: string;
}

/** The first person of an installation: admin of team `default` and installation admin. */
@Injectable()
export class FirstAdmin {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly members: MemberRepository,
  ) {}

  /**
   * Makes them when there is nobody yet, however many processes ask at once; null when there is somebody.
   * @throws AppError `settings.invalid` for an address that is none, a password that is too short
   */
  async ensure(given: { email?: string; password?: string }): Promise<FirstAdminLogin | null> {
    if (await this.users.anybody()) return null;
    const email = given.email || EMAIL;
    const password = given.password || randomBytes(PASSWORD_BYTES).toString('base64url');
    if (!EMAIL_PATTERN.test(email))
      throw new AppError('settings.invalid', 'SPECTRACE_ADMIN_EMAIL is no e-mail address.');
    if (password.length < MIN_PASSWORD_LENGTH) {
      throw new AppError('settings.invalid', `SPECTRACE_ADMIN_PASSWORD needs ${MIN_PASSWORD_LENGTH} characters.`);
    }
    const user = { id: uuidv7(), email, name: email, installation_admin: true };
    const password_hash = await hashPassword(password);
    const team = uuidv7();
    const ctx: CallContext = { team, principal: GATEWAY, on_behalf_of: GATEWAY, roles: ['installation_admin'] };
    return this.database.inTeam(ctx, async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('gateway: the first admin', 0))`);
      if (await this.users.anybodyIn(tx)) return null;
      const { id } = await this.users.findOrCreate(tx, { ...user, password_hash });
      await tx.query(`INSERT INTO team (id, name) VALUES ($1, $2)`, [team, TEAM]);
      await this.members.setRole(tx, ctx, id, 'admin');
      return { email: user.email, password, generated: !given.password, team };
    });
  }
}
