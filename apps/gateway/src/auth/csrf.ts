import { ENV } from '#service';
import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../env.js';
import { csrfRefused } from './auth.errors.js';
import { isOurs, isSafe, type Provenance } from './origin.rules.js';
import { SessionKeys, type SessionToken } from './session-keys.js';

/** Keeps pages of others from acting through a person's browser: SameSite, the origin and a token they cannot read. */
@Injectable()
export class Csrf {
  constructor(
    private readonly keys: SessionKeys,
    @Inject(ENV) private readonly env: Pick<Env, 'CORS_ORIGINS'>,
  ) {}

  /** @throws AppError `auth.csrf` for what a page of somebody else sent */
  assertOurs(from: Provenance): void {
    if (!isOurs(from, this.env.CORS_ORIGINS)) throw csrfRefused('This request comes from a page of somebody else.');
  }

  /**
   * What a cookie alone does not allow: anything but reading.
   * @throws AppError `auth.csrf`
   */
  assertMeant(request: Provenance & { method: string; csrf?: string }, token: SessionToken): void {
    if (isSafe(request.method)) return;
    if (request.site === 'cross-site') throw csrfRefused('This request comes from a page of somebody else.');
    this.assertOurs(request);
    if (request.csrf === undefined || !this.keys.isCsrfOf(token, request.csrf)) {
      throw csrfRefused('Send the cookie spectrace_csrf as X-CSRF-Token too.');
    }
  }
}
