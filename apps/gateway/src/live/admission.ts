import { invalidInput } from '#contracts';
import { AppError, isAppError, isUuid } from '#kernel';
import { ENV } from '#service';
import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { signInNeeded } from '../auth/auth.errors.js';
import { Authenticator, type Caller, credentialsOf } from '../auth/authenticator.js';
import { Csrf } from '../auth/csrf.js';
import { TicketService } from '../auth/ticket.service.js';
import type { Env } from '../env.js';
import { networkOf } from '../http/client-network.rules.js';
import { RateWindow } from '../http/rate-window.rules.js';
import { ClientAddresses } from './client-address.js';

/** Handshakes of one address that may fail. */
const FAILURES = { calls: 60, windowMs: 60_000 };

/** Who may open a socket, where no guard runs. */
@Injectable()
export class Admission {
  private readonly failures = new RateWindow(FAILURES);
  private readonly addresses: ClientAddresses;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly tickets: TicketService,
    private readonly csrf: Csrf,
    @Inject(ENV) env: Pick<Env, 'TRUST_PROXY'>,
  ) {
    this.addresses = new ClientAddresses(env.TRUST_PROXY);
  }

  /**
   * A step of a handshake. What fails is counted for its address, and refused as too many beyond the limit; who may come
   * in does, whatever others at their address do.
   */
  async attempt<T>(request: IncomingMessage, step: () => Promise<T> | T): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (isAppError(error) && !error.retryable) this.count(request);
      throw error;
    }
  }

  /** @throws AppError `auth.csrf` for a page of somebody else */
  assertOurs(request: IncomingMessage): void {
    this.csrf.assertOurs(credentialsOf(request));
  }

  /**
   * By one-time ticket, access token or API key. Cookies are not looked at: a browser sends them for any page.
   * @throws AppError `auth.*`, `team.not_found`, `input.invalid` when both are given
   */
  async enter(request: IncomingMessage, ticket?: string): Promise<Caller> {
    const { authorization, 'x-api-key': key, 'x-team-id': team } = request.headers;
    if (ticket !== undefined) {
      if (authorization !== undefined || key !== undefined) throw refused('send a ticket or a header, not both');
      return this.authenticator.now(await this.tickets.redeem(ticket));
    }
    if (authorization === undefined && key === undefined) throw signInNeeded();
    if (team !== undefined && !isUuid(team)) throw refused('X-Team-Id must be one UUID in lower case');
    const caller = await this.authenticator.authenticate({ ...credentialsOf(request), cookie: undefined }, team);
    await this.authenticator.use(caller);
    return caller;
  }

  private count(request: IncomingMessage): void {
    const { allowed, resetMs } = this.failures.take(networkOf(this.addresses.of(request)), performance.now());
    if (allowed) return;
    throw new AppError('request.too_many', `At most ${FAILURES.calls} failed handshakes a minute.`, {
      retryable: true,
      details: { retry_after_s: Math.ceil(resetMs / 1_000) },
    });
  }
}

const refused = (message: string): AppError => invalidInput([{ path: '', message }]);
