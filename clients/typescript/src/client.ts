import { ApiClient } from './api-client.js';
import { Http } from './http.js';
import type { AccessToken, Frame } from './types.js';
import { watch, type WatchOptions } from './watch.js';

/** A sign-in as it is kept: its access token, and what gets the next one. */
export interface Tokens {
  access: string;
  /** Null: none, so the sign-in ends with the access token. */
  refresh: string | null;
}

/** Where several processes keep one sign-in. */
export interface TokenStore {
  /** The newest; null when there is none of this person any more. */
  read(): Tokens | null;
  write(answer: AccessToken): void;
}

export interface ClientOptions {
  /** Where SpecTrace answers, `http://127.0.0.1:8000`. */
  baseUrl: string;
  /** An access token; absent until `login`. */
  token?: string;
  /** An API key, in place of any sign-in: it is sent as `X-API-Key`. */
  apiKey?: string;
  /** What a login as `cli` answers; with it the client renews its access token by itself. */
  refreshToken?: string;
  /** Where the tokens are kept, when others use them too. */
  store?: TokenStore;
  /** The team to act in; absent: the one signed in to. */
  team?: string;
  fetch?: typeof fetch;
}

/** SpecTrace's public interface for programs: with an access token or an API key, and frames as they happen. */
export class SpecTraceClient extends ApiClient {
  readonly baseUrl: string;
  token: string | null;
  private refreshToken: string | null;
  private renewal: Promise<boolean> | null = null;
  private readonly store: TokenStore | undefined;
  private readonly apiKey: string | undefined;
  private readonly team: string | undefined;
  /** Without the access token, which has expired when this is used. */
  private readonly unsigned: Http;

  constructor({ baseUrl, token, apiKey, refreshToken, store, team, fetch: send = fetch }: ClientOptions) {
    const url = baseUrl.replace(/\/+$/, '');
    super(new Http({ baseUrl: url, headers: () => this.headers(), renew: () => this.renew(), fetch: send }));
    this.unsigned = new Http({ baseUrl: url, headers: () => ({}), fetch: send });
    this.baseUrl = url;
    this.token = token ?? null;
    this.refreshToken = refreshToken ?? null;
    this.apiKey = apiKey;
    this.store = store;
    this.team = team;
  }

  /** Signs in; later calls use the token, which lives for `expires_in` seconds, and as `cli` its successors. */
  override async login(email: string, password: string, client?: string): Promise<AccessToken> {
    this.token = null;
    const answer = await super.login(email, password, client);
    this.keep(answer);
    return answer;
  }

  /** The frames of a run as they happen, each exactly once, until it has ended; see `watch`. */
  watch(executionId: string, options?: WatchOptions): AsyncGenerator<Frame, void> {
    const { baseUrl } = this;
    return watch({ baseUrl, executionId, headers: () => this.headers(), renew: () => this.renew() }, options);
  }

  /** One renewal at a time: calls that find the token expired meanwhile wait for it. */
  private renew(): Promise<boolean> {
    this.renewal ??= this.renewed().finally(() => (this.renewal = null));
    return this.renewal;
  }

  /** A refresh token is good once: what somebody else has renewed already is taken from where it is kept. */
  private async renewed(): Promise<boolean> {
    const kept = this.store?.read();
    if (kept && kept.access !== this.token) {
      this.token = kept.access;
      this.refreshToken = kept.refresh;
      return true;
    }
    if (this.refreshToken === null) return false;
    const answer = await this.unsigned.call('post', '/api/auth/refresh', {
      body: { refresh_token: this.refreshToken },
    });
    this.keep(answer);
    this.store?.write(answer);
    return true;
  }

  private keep(answer: AccessToken): void {
    this.token = answer.access_token;
    this.refreshToken = answer.refresh_token ?? null;
  }

  private headers(): Record<string, string> {
    return {
      ...(this.apiKey !== undefined && { 'x-api-key': this.apiKey }),
      ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
      ...(this.team !== undefined && { 'x-team-id': this.team }),
    };
  }
}
