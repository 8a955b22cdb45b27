import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A login at one address. */
export interface Credentials {
  url: string;
  email: string;
  access_token: string;
  /** RFC 3339. */
  expires_at: string;
}

const isCredentials = (value: unknown): value is Credentials =>
  typeof value === 'object' &&
  value !== null &&
  ['url', 'email', 'access_token', 'expires_at'].every((name) => typeof Reflect.get(value, name) === 'string');

/** The file a login is kept in, readable by its owner alone. */
export class CredentialsFile {
  constructor(readonly path: string) {}

  /** Null when there is none, or one that is not ours to understand. */
  read(): Credentials | null {
    try {
      const value: unknown = JSON.parse(readFileSync(this.path, 'utf8'));
      return isCredentials(value) ? value : null;
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** Written beside its place and moved there, so that the token is at no time in a file others may read. */
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
