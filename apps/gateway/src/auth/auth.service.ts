import type { CallContext } from '#contracts';
import { AppError } from '#kernel';
import { Injectable } from '@nestjs/common';
import { RateWindow } from '../http/rate-window.rules.js';
import { normalEmail, UserRepository } from '../user/user.repository.js';
import { noTeam, tokenInvalid, wrongCredentials, wrongOldPassword } from './auth.errors.js';
import type { AccessToken, ChangePassword, Login, Me } from './auth.messages.js';
import { hashPassword, verifyPassword } from './password.js';
import { TOKEN_LIFETIME_S, Tokens } from './token.js';

const ATTEMPTS = { calls: 10, windowMs: 5 * 60_000 };

/** Signing in, and one's own account. */
@Injectable()
export class AuthService {
  private readonly attempts = new RateWindow(ATTEMPTS);

  constructor(
    private readonly users: UserRepository,
    private readonly tokens: Tokens,
  ) {}

  /**
   * An unknown person and a wrong password cost the same time and get the same answer.
   * @throws AppError `auth.credentials_wrong`, `auth.no_team`, `request.too_many` after 10 failures in 5 minutes for one
   * address from one client
   */
  async login(input: Login, ip: string): Promise<AccessToken> {
    const key = `${ip} ${normalEmail(input.email)}`;
    this.spend(key);
    const known = await this.users.credentials({ email: input.email });
    const right = await verifyPassword(input.password, known?.password_hash ?? null);
    if (!known || !right || !known.usable) throw wrongCredentials();
    this.attempts.forget(key);
    const team = (await this.users.find(known.id))?.places[0]?.team;
    if (!team) throw noTeam();
    return {
      access_token: await this.tokens.issue({ id: known.id, team }),
      token_type: 'Bearer',
      expires_in: TOKEN_LIFETIME_S,
      password_change_required: known.one_time,
    };
  }

  async me(ctx: CallContext): Promise<Me> {
    const person = await this.users.find(ctx.principal.id);
    if (!person) throw tokenInvalid();
    const { places, ...user } = person;
    return { user, team: ctx.team, roles: ctx.roles, teams: places.map(({ team, role }) => ({ id: team, role })) };
  }

  /** @throws AppError `auth.old_password_wrong`, `request.too_many` */
  async changePassword(ctx: CallContext, input: ChangePassword): Promise<void> {
    const key = ctx.principal.id;
    this.spend(key);
    const known = await this.users.credentials({ id: ctx.principal.id });
    const right = await verifyPassword(input.old, known?.password_hash ?? null);
    if (!known || !right) throw wrongOldPassword();
    const changed = await this.users.changePassword(known.id, known.password_hash, await hashPassword(input.new));
    if (!changed) throw wrongOldPassword();
    this.attempts.forget(key);
  }

  private spend(key: string): void {
    const { allowed, resetMs } = this.attempts.take(key, performance.now());
    if (allowed) return;
    throw new AppError('request.too_many', 'Too many failed attempts; try again later.', {
      retryable: true,
      details: { retry_after_s: Math.ceil(resetMs / 1_000) },
    });
  }
}
