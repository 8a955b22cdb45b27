import { type AccessToken, AuthenticationError, SpecTraceClient } from '#client';
import { COMMAND } from '../output/exit.rules.js';
import { STALE } from '../output/failure.js';
import { SignInNeeded } from '../output/use.errors.js';
import type { Terminal } from '../output/terminal.js';
import type { CredentialsFile } from './credentials.js';

const DEFAULT_URL = 'http://127.0.0.1:8000';

/** Who talks to which SpecTrace. */
export class Session {
  private opened: SpecTraceClient | null = null;

  /** @param named the address given for this call; null: where the last login went */
  constructor(
    private readonly file: CredentialsFile,
    private readonly terminal: Terminal,
    private readonly named: string | null,
  ) {}

  get url(): string {
    return this.named ?? this.file.read()?.url ?? DEFAULT_URL;
  }

  get email(): string | null {
    return this.known?.email ?? null;
  }

  /** @throws ApiError, ConnectionError */
  async login(email: string, password: string): Promise<AccessToken & { expires_at: string }> {
    const { client, url } = this;
    const answer = await client.login(email, password, 'cli');
    const expires_at = new Date(Date.now() + answer.expires_in * 1_000).toISOString();
    this.file.write({ url, email, access_token: answer.access_token, expires_at });
    return { ...answer, expires_at };
  }

  /**
   * Does something as whoever is signed in. When the login has ended meanwhile and there is a person to ask, asks for the
   * password and does it again; `work` has to be something that may start twice.
   * @throws SignInNeeded, ApiError, ConnectionError
   */
  async signedIn<T>(work: (client: SpecTraceClient) => Promise<T>): Promise<T> {
    const { client } = this;
    if (client.token === null) {
      throw new SignInNeeded(`Nobody is signed in at ${this.url}; run \`${COMMAND} login\` first.`);
    }
    try {
      return await work(client);
    } catch (error) {
      const stale = error instanceof AuthenticationError && STALE.includes(error.code);
      const { email } = this;
      if (!stale || email === null || !this.terminal.isInteractive) throw error;
      this.terminal.warn('Your login has ended.');
      await this.login(email, await this.terminal.askHidden(`Password of ${email}`));
      return work(client);
    }
  }

  /** A token goes only to the address it came from. */
  private get known() {
    const credentials = this.file.read();
    return credentials?.url === this.url ? credentials : null;
  }

  private get client(): SpecTraceClient {
    this.opened ??= new SpecTraceClient({ baseUrl: this.url, token: this.known?.access_token });
    return this.opened;
  }
}
