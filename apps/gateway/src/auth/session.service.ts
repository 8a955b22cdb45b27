import { Injectable } from '@nestjs/common';
import { sessionEnded, sessionNotFound, sessionReused, signInNeeded, tokenInvalid } from './auth.errors.js';
import type { AccessToken } from './auth.messages.js';
import type { Credentials, Grant } from './authenticator.js';
import { clearedCookies, sessionCookieOf, sessionCookies } from './cookie.rules.js';
import { Csrf } from './csrf.js';
import { randomSecret, readToken, SessionKeys, type SessionToken, writeToken } from './session-keys.js';
import type { ListSessions, SessionPage } from './session.messages.js';
import { SessionRepository } from './session.repository.js';
import { type Carrier, LIFETIME_S } from './session.rules.js';
import { TOKEN_LIFETIME_S, Tokens } from './token.js';

const PAGE = 50;
const CLI = 'cli';

/** What a sign-in or a refresh gives out: an answer, and `Set-Cookie` for a page. */
export interface Given {
  answer: AccessToken;
  cookies: string[];
}

interface Holder {
  session: string;
  user: string;
  team: string;
  one_time: boolean;
}

/** Sign-ins that last: their tokens, and which of them are open. */
@Injectable()
export class SessionService {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly keys: SessionKeys,
    private readonly tokens: Tokens,
    private readonly csrf: Csrf,
  ) {}

  /**
   * A new session in any case, whatever came with the request: nobody chooses its token. Null when the password that
   * was checked has been changed meanwhile.
   */
  async start(
    { password_hash, ...person }: Omit<Holder, 'session'> & { password_hash: string },
    client: string,
    from: Credentials,
  ): Promise<Given | null> {
    const token = { handle: randomSecret(), secret: randomSecret() };
    const carrier: Carrier = client === CLI ? 'body' : from.secure ? 'host_cookie' : 'cookie';
    const { user, team } = person;
    const started = await this.sessions.start({ user, password_hash, team, client, carrier, token });
    return started && this.give({ ...person, session: started.id }, token, carrier, LIFETIME_S);
  }

  /**
   * The next token for the one that came in the body, else in the cookie.
   * @throws AppError `auth.required`, `auth.token_invalid`, `auth.csrf`, `auth.session_ended`, `auth.session_reused`
   */
  async refresh(from: Credentials, refreshToken?: string | null): Promise<Given> {
    const { token, carrier } = this.brought(from, refreshToken) ?? {};
    if (!carrier) throw signInNeeded();
    if (!token) throw tokenInvalid();
    const next = this.keys.next(token);
    const found = await this.sessions.rotate(token, next, carrier);
    if (!found || found.worth === 'foreign') throw tokenInvalid();
    if (found.worth === 'ended') throw sessionEnded();
    if (found.worth === 'reused') throw sessionReused();
    const left = Math.floor((found.expires_at.getTime() - Date.now()) / 1_000);
    return this.give(found, next, carrier, left);
  }

  /**
   * Ends the session of whatever came: body, access token or cookie; nothing and what has ended are fine.
   * @returns `Set-Cookie` that forgets the session
   * @throws AppError `auth.token_invalid`, `auth.token_expired` for an access token that does not say whose it is, `auth.csrf`
   */
  async logout(from: Credentials, refreshToken?: string | null): Promise<string[]> {
    const bearer = refreshToken ? undefined : from.authorization?.replace(/^Bearer +/i, '');
    if (bearer !== undefined) {
      const { sub, sid } = await this.tokens.verify(bearer);
      await this.sessions.end({ user: sub, session: sid });
      return [];
    }
    const { token, carrier } = this.brought(from, refreshToken) ?? {};
    if (token && carrier) await this.sessions.endByHandle(token.handle, carrier);
    return carrier === 'body' ? [] : clearedCookies(from.secure);
  }

  async list({ user, session }: Grant, input: ListSessions): Promise<SessionPage> {
    const limit = input.limit ?? PAGE;
    const rows = await this.sessions.list(user, { limit: limit + 1, after: input.cursor ?? undefined });
    const items = rows.slice(0, limit).map(({ id, client, created_at, last_used_at, expires_at }) => ({
      id,
      client,
      created_at: created_at.toISOString(),
      last_used_at: last_used_at.toISOString(),
      expires_at: expires_at.toISOString(),
      current: id === session,
    }));
    return { items, next_cursor: rows.length > limit ? items.at(-1)!.id : null };
  }

  /** @throws AppError `session.not_found`, for somebody else's too */
  async end(user: string, session: string): Promise<void> {
    if (!(await this.sessions.end({ user, session }))) throw sessionNotFound();
  }

  /** Null when no session's token came; `token` is null when it is none. */
  private brought(
    from: Credentials,
    refreshToken?: string | null,
  ): { token: SessionToken | null; carrier: Carrier } | null {
    if (refreshToken) return { token: readToken(refreshToken), carrier: 'body' };
    const cookie = sessionCookieOf(from.cookie ?? '', from.secure);
    if (!cookie) return null;
    const token = readToken(cookie.text);
    if (token) this.csrf.assertMeant(from, token);
    return { token, carrier: cookie.carrier };
  }

  private async give(holder: Holder, token: SessionToken, carrier: Carrier, maxAgeS: number): Promise<Given> {
    const answer: AccessToken = {
      access_token: await this.tokens.issue({ id: holder.user, team: holder.team, session: holder.session }),
      token_type: 'Bearer',
      expires_in: TOKEN_LIFETIME_S,
      password_change_required: holder.one_time,
    };
    const text = writeToken(token);
    if (carrier === 'body') return { answer: { ...answer, refresh_token: text }, cookies: [] };
    const cookies = sessionCookies({ token: text, csrf: this.keys.csrfOf(token), maxAgeS }, carrier === 'host_cookie');
    return { answer, cookies };
  }
}
