import { isAppError } from '#kernel';
import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { noTeam } from '../auth/auth.errors.js';
import type { Credentials } from '../auth/authenticator.js';
import { hashPassword } from '../auth/password.js';
import { SessionService } from '../auth/session.service.js';
import { UserRepository } from '../user/user.repository.js';
import { OidcClient } from './oidc-client.js';
import { oidcCookie, oidcCookieOf, OidcSeal } from './oidc-seal.js';
import { nobodyHere, oidcOff, oidcRefused, otherAccount } from './oidc.errors.js';
import { OidcRepository } from './oidc.repository.js';
import { type Claims, judgeEntry } from './oidc.rules.js';

const START = '/api/auth/oidc/start';
const HOME = '/';
const PASSWORD_BYTES = 32;
const MAX_CLIENT = 100;

/** Where a browser goes next, and what it keeps. */
export interface Turn {
  location: string;
  cookies: string[];
}

/** The client of the provider, if there is one. */
export class OidcDoor {
  constructor(readonly client: OidcClient | null) {}
}

/** Signing people in by their account at an OpenID Connect provider. */
@Injectable()
export class OidcService {
  constructor(
    private readonly door: OidcDoor,
    private readonly seal: OidcSeal,
    private readonly accounts: OidcRepository,
    private readonly users: UserRepository,
    private readonly sessions: SessionService,
  ) {}

  /** What the login page offers. */
  method(): { name: string; start: string } | null {
    const { client } = this.door;
    return client && { name: client.settings.name, start: START };
  }

  /** @throws AppError `oidc.off` */
  async start(from: Credentials): Promise<Turn> {
    const client = this.clientOrOff();
    return turned(async () => {
      const { url, begun } = await client.begin();
      return { location: url.href, cookies: [oidcCookie(await this.seal.close(begun), from.secure)] };
    }, []);
  }

  /**
   * Whatever went wrong is told to the login page by its code, for a person is looking at it.
   * @throws AppError `oidc.off`
   */
  async finish(query: string, from: Credentials, userAgent: string): Promise<Turn> {
    const client = this.clientOrOff();
    const forgotten = oidcCookie('', from.secure);
    return turned(async () => {
      const begun = await this.seal.open(oidcCookieOf(from.cookie ?? '', from.secure) ?? '');
      if (!begun) throw oidcRefused();
      const claims = await client.finish(query, begun);
      const user = await this.enter(client, claims);
      const { cookies } = await this.session(user, from, userAgent);
      return { location: HOME, cookies: [forgotten, ...cookies] };
    }, [forgotten]);
  }

  private clientOrOff(): OidcClient {
    if (!this.door.client) throw oidcOff();
    return this.door.client;
  }

  private async enter({ settings }: OidcClient, claims: Claims): Promise<string> {
    const account = { issuer: settings.issuer.href, subject: claims.subject };
    const entry = judgeEntry(claims, await this.accounts.known(account, claims.email), settings.domains);
    if (entry.kind === 'known') return entry.user;
    const hash = await hashPassword(randomBytes(PASSWORD_BYTES).toString('hex'));
    const user = entry.kind === 'link' ? entry.user : await this.accounts.join(entry.email, settings.team, hash);
    if (user === null) throw nobodyHere();
    if (await this.accounts.link(account, user, hash)) return user;
    // Two tabs at the same time link the same two; anything else is somebody else's.
    const { byAccount } = await this.accounts.known(account, undefined);
    if (byAccount !== user) throw otherAccount();
    return user;
  }

  private async session(user: string, from: Credentials, userAgent: string): Promise<{ cookies: string[] }> {
    const [person, credentials] = [await this.users.find(user), await this.users.credentials({ id: user })];
    const team = person?.places[0]?.team;
    if (!team || !credentials) throw noTeam();
    const { password_hash, one_time } = credentials;
    const client = userAgent.slice(0, MAX_CLIENT) || 'browser';
    const given = await this.sessions.start({ user, password_hash, team, one_time }, client, from);
    if (!given) throw oidcRefused();
    return given;
  }
}

const turned = async (work: () => Promise<Turn>, cookies: string[]): Promise<Turn> => {
  try {
    return await work();
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { location: `${HOME}?sign_in=${error.code}`, cookies };
  }
};
