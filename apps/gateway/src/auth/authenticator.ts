import { invalidInput, type Principal, type Role } from '#contracts';
import { Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import { KeyDoor, type PersonWithKey } from '../key/key-door.js';
import { leastRoles, permissionsOfKey } from '../key/key.rules.js';
import { teamNotFound } from '../member/member.errors.js';
import { actingIn } from '../member/member.rules.js';
import { type Person, UserRepository } from '../user/user.repository.js';
import {
  noTeam,
  passwordChangeRequired,
  permissionMissing,
  sessionEnded,
  sessionReused,
  signInNeeded,
  tokenExpired,
  tokenInvalid,
} from './auth.errors.js';
import { sessionCookieOf } from './cookie.rules.js';
import { Csrf } from './csrf.js';
import type { Provenance } from './origin.rules.js';
import { type Permission, permissionsOf } from './permission.rules.js';
import { readToken } from './session-keys.js';
import { type PersonInSession, SessionRepository } from './session.repository.js';
import { Tokens } from './token.js';

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i;

/** Who was let in, and until when. */
export interface Grant {
  /** User id; of a key, the person behind it. */
  user: string;
  /** The team signed in to, or that of the key. */
  team: string;
  /** Null: let in by something that is no session. */
  session: string | null;
  /** Null: let in by something that is no API key. */
  key: { id: string; usage_limit: number | null } | null;
  /** Milliseconds since 1970. */
  endsAt: number;
}

/** Who calls, in which team and in what roles, as the database had it at most half a second ago. */
export interface Caller {
  principal: Principal;
  person: Person;
  /** The person behind a key; of a session the principal again. */
  on_behalf_of: Principal;
  team: string;
  /** What services are told; of a key the least that its permissions need. */
  roles: Role[];
  permissions: readonly Permission[];
  grant: Grant;
  /** True: signed in with a one-time password, and may do nothing but set their own. */
  one_time: boolean;
}

/** What a request brings to be let in by: header values as they came. */
export interface Credentials extends Provenance {
  method: string;
  authorization?: string;
  /** `X-API-Key`. */
  key?: string;
  cookie?: string;
  /** `X-CSRF-Token`. */
  csrf?: string;
  /** True: came over TLS, as far as we or a proxy we trust can tell. */
  secure: boolean;
}

/** A request as Fastify or as Node has it. */
interface RequestLike {
  method?: string;
  headers: IncomingHttpHeaders;
  /** Fastify's: with what a trusted proxy says. */
  protocol?: string;
  host?: string;
  socket?: object;
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** A WebSocket is not opened by a cookie: no page can send a CSRF token with its upgrade, so it brings a ticket. */
export const credentialsOf = ({ method = 'GET', headers, protocol, host, socket }: RequestLike): Credentials => {
  const upgrades = headers.upgrade?.toLowerCase() === 'websocket';
  return {
    method,
    authorization: headers.authorization,
    key: one(headers['x-api-key']),
    cookie: upgrades ? undefined : headers.cookie,
    csrf: one(headers['x-csrf-token']),
    origin: headers.origin,
    site: one(headers['sec-fetch-site']),
    host: host ?? headers.host,
    secure: protocol === 'https' || (protocol === undefined && Reflect.get(socket ?? {}, 'encrypted') === true),
  };
};

@Injectable()
export class Authenticator {
  constructor(
    private readonly users: UserRepository,
    private readonly sessions: SessionRepository,
    private readonly tokens: Tokens,
    private readonly csrf: Csrf,
    private readonly keys: KeyDoor,
  ) {}

  /**
   * Lets in by API key or access token, else by session cookie.
   * @param named the team the request names; absent: the one signed in to, or that of the key
   * @throws AppError `auth.required`, `auth.token_invalid`, `auth.token_expired`, `auth.session_ended`,
   * `auth.session_reused`, `auth.csrf`, `auth.key_invalid`, `auth.key_revoked`, `auth.key_expired`, `auth.no_team`,
   * `team.not_found`, `input.invalid` for a key beside an access token
   */
  async authenticate(credentials: Credentials, named?: string): Promise<Caller> {
    const { authorization, key, cookie = '', secure } = credentials;
    if (key !== undefined) {
      if (authorization !== undefined) throw oneOfThem();
      return keyCallerOf(await this.keys.byText(key), named);
    }
    if (authorization !== undefined) return this.byBearer(authorization, named);
    const found = sessionCookieOf(cookie, secure);
    if (!found) throw signInNeeded();
    const token = readToken(found.text);
    if (!token) throw tokenInvalid();
    this.csrf.assertMeant(credentials, token);
    const known = await this.sessions.byToken(token, found.carrier);
    if (!known || known.worth === 'foreign') throw tokenInvalid();
    if (known.worth === 'reused') throw sessionReused();
    const { person, session, team, expires_at } = standing(known);
    return callerOf(person, { user: person.id, team, session, key: null, endsAt: expires_at.getTime() }, named);
  }

  /**
   * The caller behind a grant, as of now. A stream that goes on asking does not keep its session from becoming idle.
   * @throws AppError `auth.token_expired`, `auth.token_invalid`, `auth.session_ended`, `auth.key_revoked`,
   * `auth.key_expired`, `auth.no_team`, `team.not_found`
   */
  now(grant: Grant, named?: string): Promise<Caller> {
    return this.look(grant, named, false);
  }

  /** Counts a request by a key; one by a session costs nothing. @throws AppError `auth.key_used_up` */
  async use({ grant }: Caller): Promise<void> {
    if (grant.key) await this.keys.use({ ...grant.key, team: grant.team });
  }

  /**
   * Whoever has a one-time password has no permission until they set their own.
   * @throws AppError `auth.permission_missing`, `auth.password_change_required`
   */
  permit(caller: Caller, permission: Permission | 'signed_in'): void {
    if (caller.one_time) throw passwordChangeRequired();
    if (permission !== 'signed_in' && !caller.permissions.includes(permission)) throw permissionMissing(permission);
  }

  private async byBearer(authorization: string, named?: string): Promise<Caller> {
    const [, token] = BEARER.exec(authorization) ?? [];
    if (!token) throw tokenInvalid();
    const { sub, team, sid, exp } = await this.tokens.verify(token);
    return this.look({ user: sub, team, session: sid, key: null, endsAt: exp * 1_000 }, named, true);
  }

  private async look(grant: Grant, named: string | undefined, use: boolean): Promise<Caller> {
    if (Date.now() >= grant.endsAt) throw tokenExpired();
    const { user, session, key } = grant;
    if (key) return keyCallerOf(await this.keys.byId(key.id), named);
    if (session === null) {
      const person = await this.users.find(user);
      if (!person) throw tokenInvalid();
      return callerOf(person, grant, named);
    }
    const by = { user, session };
    const known = await (use ? this.sessions.recentPerson(by) : this.sessions.person(by, false));
    return callerOf(standing(known).person, grant, named);
  }
}

const standing = (known: PersonInSession | null): PersonInSession => {
  if (!known) throw tokenInvalid();
  if (!known.open) throw sessionEnded();
  return known;
};

const callerOf = (person: Person, grant: Grant, named?: string): Caller => {
  const acting = actingIn(person, { named, signedInTo: grant.team });
  if (!acting) throw named === undefined ? noTeam() : teamNotFound();
  const principal = personOf(person);
  const permissions = permissionsOf(acting.roles);
  return { principal, person, on_behalf_of: principal, ...acting, permissions, grant, one_time: person.one_time };
};

const personOf = ({ id, email }: Person): Principal => ({ kind: 'person', id, name: email });

/** A key is of one team, acts for one person, and does at most what they may do there now. */
const keyCallerOf = ({ person, key }: PersonWithKey, named?: string): Caller => {
  const { team } = key;
  if (named !== undefined && named !== team) throw teamNotFound();
  const place = person.places.find((one) => one.team === team);
  if (!place) throw noTeam();
  const behind = personOf(person);
  const permissions = permissionsOfKey(key, place.role);
  const { id, usage_limit, type: kind, name } = key;
  return {
    principal: kind === 'person' ? behind : { kind, id: name, name },
    person,
    on_behalf_of: behind,
    team,
    roles: leastRoles(permissions),
    permissions,
    grant: { user: person.id, team, session: null, key: { id, usage_limit }, endsAt: key.expires_at.getTime() },
    one_time: person.one_time,
  };
};

const oneOfThem = (): Error => invalidInput([{ path: '', message: 'send X-API-Key or Authorization, not both' }]);
