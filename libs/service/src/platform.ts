import type { ServiceName } from '#contracts';
import { serviceUrl } from '#persistence';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a process finds what is not its own: the same for every service in it. */
export interface Platform {
  /** An administrator's URL of the database. */
  databaseUrl: string;
  natsUrl: string;
  /** File with the certificates (PEM) that vouch for the NATS server; given, nothing but TLS is spoken to it. */
  natsCa?: string;
  /** The data folder: keys, passwords, blobs. */
  home: string;
  /** True: no other process works on this installation, which the lock on its embedded servers' folders ensures. */
  alone?: boolean;
}

/** Passwords of the services' database roles, made once and kept in the data folder, readable by its owner alone. */
export const rolePasswords = (home: string, services: readonly ServiceName[]): Record<string, string> => {
  const file = join(home, 'roles.json');
  const known: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const missing = services.filter((service) => !known[service]);
  for (const service of missing) known[service] = randomBytes(24).toString('base64url');
  if (missing.length > 0) {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify(known, null, 2), { mode: 0o600 });
  }
  return known;
};

export const databaseUrlOf = (platform: Platform, service: ServiceName): string =>
  serviceUrl(platform.databaseUrl, service, rolePasswords(platform.home, [service])[service]!);
