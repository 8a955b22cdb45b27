import { type AccessToken, AuthenticationError, plainText, SpecTraceClient, type TokenStore } from '#client';
import { COMMAND } from '../output/exit.rules.js';
import { REUSED, STALE } from '../output/failure.js';
import { InvalidUse, SignInNeeded } from '../output/use.errors.js';
import type { Terminal } from '../output/terminal.js';
import type { Credentials, CredentialsFile } from './credentials.js';

const DEFAULT_URL = 'http://127.0.0.1:8000';

/** Who talks to which SpecTrace. */
export class Session {
  private opened: SpecTraceClient | null = null;

  /**
   * @param named the address given for this call; null: where the last login went
   * @param apiKey acts in place of any login; null: none. It goes to `named`, else to the default, never where a login went.
   */
  constructor(
    private readonly file: CredentialsFile,
    private readonly terminal: Terminal,
    private readonly named: string | null,
    private readonly apiKey: string | null = null,
  ) {}

  get url(): string {
    return this.named ?? (this.apiKey === null ? this.file.read()?.url : undefined) ?? DEFAULT_URL;
  }

  get email(): string | null {
    return this.known?.email ?? null;
  }

  /** @throws InvalidUse beside an API key, ApiError, ConnectionError */
  async login(email: string, password: string): Promise<AccessToken & { expires_at: string }> {
    this.assertNoKey();
    const { client } = this;
    const answer = await client.login(email, password, 'cli');
    return { ...answer, expires_at: this.write(email, answer) };
  }

  /**
   * Ends the login here and there; false when there was none.
   * @throws InvalidUse beside an API key, ApiError, ConnectionError
   */
  async logout(): Promise<boolean> {
    this.assertNoKey();
    const { known, client } = this;
    if (!known) return false;
    try {
      await client.logout();
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error;
    }
    this.file.remove();
    return true;
  }

  /**
   * Does something as the API key, else as whoever is signed in. When the login has ended meanwhile and there is a person to ask, asks for the
   * password and does it again; `work` has to be something that may start twice.
   * @throws SignInNeeded, ApiError, ConnectionError
   */
  async signedIn<T>(work: (client: SpecTraceClient) => Promise<T>): Promise<T> {
    const { client } = this;
    if (this.apiKey !== null) return work(client);
    if (client.token === null) {
      throw new SignInNeeded(`Nobody is signed in at ${this.url}; run \`${COMMAND} login\` first.`);
    }
    try {
      return await work(client);
    } catch (error) {
      const stale = error instanceof AuthenticationError && STALE.includes(error.code);
      const { email } = this;
      if (!stale || email === null || !this.terminal.isInteractive) throw error;
      this.terminal.warn(error.code === REUSED ? plainText(error.message) : 'Your login has ended.');
      await this.login(email, await this.terminal.askHidden(`Password of ${email}`));
      return work(client);
    }
  }

  private assertNoKey(): void {
    if (this.apiKey === null) return;
    throw new InvalidUse('SPECTRACE_API_KEY is set, and a key needs no login; unset it first.');
  }

  /** A token goes only to the address it came from. */
  private get known(): Credentials | null {
    const credentials = this.file.read();
    return credentials?.url === this.url ? credentials : null;
  }

  private get client(): SpecTraceClient {
    if (this.opened) return this.opened;
    const { known, url, apiKey } = this;
    if (apiKey !== null) return (this.opened = new SpecTraceClient({ baseUrl: url, apiKey }));
    const store = known ? this.storeOf(known.email) : undefined;
    const refreshToken = known?.refresh_token ?? undefined;
    this.opened = new SpecTraceClient({ baseUrl: url, token: known?.access_token, refreshToken, store });
    return this.opened;
  }

  /** Other commands at the same time use the same file; one that signed in as somebody else is left alone. */
  private storeOf(email: string): TokenStore {
    const ours = (): Credentials | null => (this.known?.email === email ? this.known : null);
    return {
      read: () => {
        const kept = ours();
        return kept && { access: kept.access_token, refresh: kept.refresh_token };
      },
      write: (answer) => void (ours() && this.write(email, answer)),
    };
  }

  /** Answers when the access token ends. */
  private write(email: string, { access_token, refresh_token, expires_in }: AccessToken): string {
    const expires_at = new Date(Date.now() + expires_in * 1_000).toISOString();
    this.file.write({ url: this.url, email, access_token, expires_at, refresh_token: refresh_token ?? null });
    return expires_at;
  }
}
