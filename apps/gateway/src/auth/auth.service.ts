import { AppError } from '#kernel';
import { Injectable } from '@nestjs/common';
import { RateWindow } from '../http/rate-window.rules.js';
import { normalEmail, UserRepository } from '../user/user.repository.js';
import { noTeam, wrongCredentials, wrongOldPassword } from './auth.errors.js';
import { roleOfKey } from '../key/key.rules.js';
import type { ChangePassword, Login, Me } from './auth.messages.js';
import type { Caller, Credentials, Grant } from './authenticator.js';
import { Csrf } from './csrf.js';
import { hashPassword, verifyPassword } from './password.js';
import { type Given, SessionService } from './session.service.js';

/** Of one person from one address, and of one person from anywhere (NIST SP 800-63B, section 3.2.2: at most 100). */
const ATTEMPTS = { calls: 10, windowMs: 5 * 60_000 };
const ATTEMPTS_ANYWHERE = { calls: 100, windowMs: 15 * 60_000 };

/** Signing in, and one's own account. */
@Injectable()
export class AuthService {
  private readonly attempts = new RateWindow(ATTEMPTS);
  private readonly anywhere = new RateWindow(ATTEMPTS_ANYWHERE);

  constructor(
    private readonly users: UserRepository,
    private readonly sessions: SessionService,
    private readonly csrf: Csrf,
  ) {}

  /**
   * An unknown person and a wrong password cost the same time and get the same answer. A page of somebody else cannot
   * sign a browser in, to anybody's account.
   * @throws AppError `auth.credentials_wrong`, `auth.no_team`, `auth.csrf`, `request.too_many` after 10 failures in 5
   * minutes for one address from one client, and after 100 in 15 minutes from all of them
   */
  async login(input: Login, from: Credentials, ip: string): Promise<Given> {
    this.csrf.assertOurs(from);
    const email = normalEmail(input.email);
    const key = `${ip} ${email}`;
    this.spend(this.attempts, key);
    this.spend(this.anywhere, email);
    const known = await this.users.credentials({ email: input.email });
    const right = await verifyPassword(input.password, known?.password_hash ?? null);
    if (!known || !right || !known.usable) throw wrongCredentials();
    this.attempts.forget(key);
    this.anywhere.forget(email);
    const team = (await this.users.find(known.id))?.places[0]?.team;
    if (!team) throw noTeam();
    const { id: user, password_hash, one_time } = known;
    const person = { user, password_hash, team, one_time };
    const given = await this.sessions.start(person, input.client ?? 'browser', from);
    if (!given) throw wrongCredentials();
    return given;
  }

  /** A key is told of its own team alone, and what it is there itself, not what the person behind it is. */
  me({ principal, person, grant, team, roles, permissions }: Caller): Me {
    const { places, one_time, password_issued: issued, ...user } = person;
    const byKey = grant.key !== null;
    const teams = places
      .filter((place) => !byKey || place.team === team)
      .map(({ team: id, name, role }) => ({ id, name, role: byKey ? roleOfKey(roles) : role }));
    return {
      user: { ...user, installation_admin: user.installation_admin && !byKey },
      ...{ principal, team, roles, permissions: [...permissions], teams },
      password_issued: issued && !byKey ? { by: issued.by, at: new Date(issued.at).toISOString() } : null,
      password_change_required: one_time,
    };
  }

  /**
   * Ends every other session of the person.
   * @throws AppError `auth.old_password_wrong`, `request.too_many`
   */
  async changePassword({ user, session }: Grant, input: ChangePassword): Promise<void> {
    this.spend(this.attempts, user);
    const known = await this.users.credentials({ id: user });
    const right = await verifyPassword(input.old, known?.password_hash ?? null);
    if (!known || !right || !known.usable) throw wrongOldPassword();
    const change = { was: known.password_hash, hash: await hashPassword(input.new), kept: session };
    if (!(await this.users.changePassword(user, change))) throw wrongOldPassword();
    this.attempts.forget(user);
  }

  private spend(attempts: RateWindow, key: string): void {
    const { allowed, resetMs } = attempts.take(key, performance.now());
    if (allowed) return;
    throw new AppError('request.too_many', 'Too many failed attempts; try again later.', {
      retryable: true,
      details: { retry_after_s: Math.ceil(resetMs / 1_000) },
    });
  }
}
