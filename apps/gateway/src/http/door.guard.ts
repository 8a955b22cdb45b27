import { invalidInput } from '#contracts';
import { AppError, isUuid } from '#kernel';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionNeeded, tokenInUrl } from '../auth/auth.errors.js';
import { type Caller, Authenticator, credentialsOf } from '../auth/authenticator.js';
import { namesToken } from '../auth/origin.rules.js';
import { holdsKey } from '../key/key-text.js';
import { networkOf } from './client-network.rules.js';
import { endpointOf } from './endpoint.js';
import { LIMITS, type LimitName, Limits } from './limits.js';

/** The team a request names: in its path, else in X-Team-Id. A path's wrong id is left to validation. */
const namedTeam = (request: FastifyRequest): string | undefined => {
  const inPath = (request.params as { team_id?: string }).team_id;
  if (inPath !== undefined) return isUuid(inPath) ? inPath : undefined;
  const header = request.headers['x-team-id'];
  if (header === undefined || isUuid(header)) return header;
  throw invalidInput([{ path: '', message: 'X-Team-Id must be one UUID in lower case' }]);
};

/** A key that came in a URL is in somebody's log by now, whatever the parameter was called. */
const isSecretInUrl = ({ query, url }: FastifyRequest): boolean =>
  Object.keys(query as object).some(namesToken) || holdsKey(url);

/** The general limit of a key is its own. */
const limitOf = (limit: LimitName, { grant }: Caller): LimitName =>
  limit === 'general' && grant.key !== null ? 'key' : limit;

/** Undefined: the address. */
const countedFor = (limit: LimitName, { grant }: Caller): string | undefined =>
  ({
    sign_in: grant.key?.id ?? grant.session ?? grant.user,
    person: grant.user,
    address: undefined,
  })[LIMITS[limit].per];

/** Stands before every route: nobody gets in whose route does not say so. Limited, then permitted. */
@Injectable()
export class DoorGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly limits: Limits,
  ) {}

  async canActivate(host: ExecutionContext): Promise<boolean> {
    const endpoint = endpointOf(host.getHandler());
    if (!endpoint) throw new AppError('auth.permission_missing', 'This route lets nobody in.');
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (endpoint.needs === 'nothing') {
      this.limits.spend(endpoint.limit, networkOf(request.ip), reply);
      return true;
    }
    const caller = await this.enter(request, reply);
    const limit = limitOf(endpoint.limit, caller);
    this.limits.spend(limit, countedFor(limit, caller) ?? networkOf(request.ip), reply);
    await this.authenticator.use(caller);
    if (endpoint.bySession && caller.grant.session === null) throw sessionNeeded();
    const free = endpoint.needs === 'signed_in' && endpoint.evenOneTime === true;
    if (!free) this.authenticator.permit(caller, endpoint.needs);
    request.caller = caller;
    return true;
  }

  /** Whoever is refused spends from the quota of their address. */
  private async enter(request: FastifyRequest, reply: FastifyReply): Promise<Caller> {
    try {
      if (isSecretInUrl(request)) throw tokenInUrl();
      return await this.authenticator.authenticate(credentialsOf(request), namedTeam(request));
    } catch (error) {
      this.limits.spend('open', networkOf(request.ip), reply);
      throw error;
    }
  }
}
