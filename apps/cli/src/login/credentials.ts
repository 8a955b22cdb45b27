import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A login at one address. */
export interface Credentials {
  url: string;
  email: string;
  access_token: string;
  /** When the access token ends, RFC 3339. */
  expires_at: string;
  /** Gets the next access token, once; null: none. */
  refresh_token: string | null;
}

const credentialsIn = (value: unknown): Credentials | null => {
  if (typeof value !== 'object' || value === null) return null;
  const { refresh_token, ...rest } = value as Record<string, unknown>;
  const whole = ['url', 'email', 'access_token', 'expires_at'].every((name) => typeof rest[name] === 'string');
  if (!whole) return null;
  return { ...rest, refresh_token: typeof refresh_token === 'string' ? refresh_token : null } as Credentials;
};

/** The file a login is kept in, readable by its owner alone. */
export class CredentialsFile {
  constructor(readonly path: string) {}

  /** Null when there is none, or one that is not ours to understand. */
  read(): Credentials | null {
    try {
      return credentialsIn(JSON.parse(readFileSync(this.path, 'utf8')));
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }

  /** Written beside its place and moved there, so that no token is at any time in a file others may read. */
  write(credentials: Credentials): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const draft = `${this.path}.${randomUUID()}`;
    try {
      writeFileSync(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      renameSync(draft, this.path);
    } finally {
      rmSync(draft, { force: true });
    }
  }
}
