import { AppError } from '#kernel';
import type { FastifyReply } from 'fastify';
import type { Env } from '../env.js';
import { type Quota, RateWindow } from './rate-window.rules.js';

const MINUTE_MS = 60_000;

/** Calls per minute and who they are counted for; counted in each process. */
export const LIMITS = {
  /** A session; a key has `key` instead. These two and `keys` are settings, here with their defaults. */
  general: { calls: 600, windowMs: MINUTE_MS, per: 'sign_in' },
  key: { calls: 60, windowMs: MINUTE_MS, per: 'sign_in' },
  /** Who makes keys. */
  keys: { calls: 5, windowMs: MINUTE_MS, per: 'person' },
  /** A session or key that stops agents: counted apart, so that a busy page never stands in the way of it. */
  stop: { calls: 120, windowMs: MINUTE_MS, per: 'sign_in' },
  /** An address that signs in. */
  login: { calls: 30, windowMs: MINUTE_MS, per: 'address' },
  /** An address that reads what everybody may read, or that is refused. */
  open: { calls: 600, windowMs: MINUTE_MS, per: 'address' },
  /** Probes and scrapers. */
  probe: { calls: 60_000, windowMs: MINUTE_MS, per: 'address' },
} as const satisfies Record<string, Quota & { per: 'sign_in' | 'person' | 'address' }>;

export type LimitName = keyof typeof LIMITS;

export class Limits {
  private readonly windows: Record<LimitName, RateWindow>;

  constructor(env: Pick<Env, 'RATE_LIMIT_KEY' | 'RATE_LIMIT_NEW_KEYS' | 'RATE_LIMIT_SESSION'>) {
    const set: Partial<Record<LimitName, number>> = {
      general: env.RATE_LIMIT_SESSION,
      key: env.RATE_LIMIT_KEY,
      keys: env.RATE_LIMIT_NEW_KEYS,
    };
    this.windows = Object.fromEntries(
      Object.entries(LIMITS).map(([name, { calls, windowMs }]) => [
        name,
        new RateWindow({ calls: set[name as LimitName] ?? calls, windowMs }),
      ]),
    ) as Record<LimitName, RateWindow>;
  }

  /**
   * Counts one call and says so in the `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers).
   * @throws AppError `request.too_many`
   */
  spend(name: LimitName, key: string, reply?: FastifyReply): void {
    const { calls, windowMs } = this.windows[name].quota;
    const { allowed, remaining, resetMs } = this.windows[name].take(key, performance.now());
    const seconds = Math.ceil(resetMs / 1_000);
    reply?.header('ratelimit-policy', `"${name}";q=${calls};w=${windowMs / 1_000}`);
    reply?.header('ratelimit', `"${name}";r=${remaining};t=${seconds}`);
    if (allowed) return;
    throw new AppError('request.too_many', `At most ${calls} requests a minute; try again in ${seconds} s.`, {
      retryable: true,
      details: { retry_after_s: seconds },
    });
  }
}
