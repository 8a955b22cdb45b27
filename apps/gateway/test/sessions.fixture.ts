import pg from 'pg';
import { type Answer, type TestGateway } from './gateway.fixture.js';

interface Send {
  body?: unknown;
  raw?: string;
  headers?: Record<string, string>;
  /** Sent as X-CSRF-Token; absent: what the cookie holds; null: nothing. */
  csrf?: string | null;
}

/** A browser on a page of the gateway: keeps cookies, and sends its CSRF cookie along where something changes. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(
    private readonly gateway: Pick<TestGateway, 'call'>,
    private readonly always: Record<string, string> = {},
  ) {}

  get csrf(): string | undefined {
    return this.cookies.get('spectrace_csrf') ?? this.cookies.get('__Host-spectrace_csrf');
  }

  get session(): string | undefined {
    return this.cookies.get('spectrace_session') ?? this.cookies.get('__Host-spectrace_session');
  }

  async send(method: string, path: string, { body, raw, headers = {}, csrf }: Send = {}): Promise<Answer> {
    const token = csrf === undefined && method !== 'GET' ? this.csrf : csrf;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.gateway.call(method, path, {
      body,
      raw,
      headers: {
        ...this.always,
        ...(cookie && { cookie }),
        ...(token && { 'x-csrf-token': token }),
        ...headers,
      },
    });
    for (const line of answer.headers.getSetCookie()) this.keep(line);
    return answer;
  }

  async login(email: string, password: string): Promise<Answer> {
    const answer = await this.send('POST', '/api/auth/login', { body: { email, password } });
    if (answer.status !== 200) throw new Error(`login of ${email}: ${JSON.stringify(answer.body)}`);
    return answer;
  }

  /** The same browser as it is now, as a thief or a second tab would have it. */
  copy(): Browser {
    const other = new Browser(this.gateway, this.always);
    for (const [name, value] of this.cookies) other.cookies.set(name, value);
    return other;
  }

  private keep(line: string): void {
    const [, name, value, attributes] = /^([^=]+)=([^;]*)(.*)$/.exec(line) ?? [];
    if (/; Max-Age=0(;|$)/.test(attributes!)) this.cookies.delete(name!);
    else this.cookies.set(name!, value!);
  }
}

/** The gateway's rows, as their administrator sees them. */
export const openRows = async (gateway: TestGateway): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: gateway.platform.databaseUrl });
  await client.connect();
  return client;
};

/** Lets time pass for one session. */
export const age = async (rows: pg.Client, session: string, by: string): Promise<void> => {
  const { rowCount } = await rows.query(
    `UPDATE gateway.session SET rotated_at = rotated_at - $2::interval, last_used_at = last_used_at - $2::interval,
       expires_at = expires_at - $2::interval WHERE id = $1`,
    [session, by],
  );
  if (rowCount !== 1) throw new Error(`no session ${session}`);
};
