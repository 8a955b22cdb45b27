import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedPostgres, startPostgres } from '#embedded';
import { uuidv7 } from '#kernel';
import { createDatabase, Database, migrate } from '#persistence';
import { databaseUrlOf, rolePasswords } from '#service';
import { TestAuthority, type TestCertificate, until } from '#testing';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const home = mkdtempSync(join(tmpdir(), 'spectrace-tls-'));
let ours: TestAuthority;
let another: TestAuthority;
let server: EmbeddedPostgres;
let database: string;

/** PostgreSQL takes a key only from a file of its own user. */
const present = async ({ cert, key }: TestCertificate, name: string): Promise<void> => {
  const { uid, gid } = statSync(join(home, 'postgres', 'cluster'));
  const files = { ssl_cert_file: join(home, `${name}.pem`), ssl_key_file: join(home, `${name}.key`) };
  copyFileSync(cert, files.ssl_cert_file);
  copyFileSync(key, files.ssl_key_file);
  for (const file of Object.values(files)) {
    chmodSync(file, 0o600);
    chownSync(file, uid, gid);
  }
  const admin = new pg.Client({ connectionString: server.adminUrl });
  await admin.connect();
  for (const [setting, file] of Object.entries(files)) await admin.query(`ALTER SYSTEM SET ${setting} = '${file}'`);
  await admin.query('ALTER SYSTEM SET ssl = on');
  await admin.query('SELECT pg_reload_conf()');
  await admin.end();
};

beforeAll(async () => {
  chmodSync(home, 0o711);
  ours = new TestAuthority();
  another = new TestAuthority();
  server = await startPostgres({ dataDir: join(home, 'postgres'), ephemeral: true });
  database = await createDatabase(server.adminUrl, 'spectrace');
  await present(ours.certify('DNS:localhost'), 'localhost');
  await until('TLS to be spoken', () => reach(urlBy('localhost', ours.ca)).catch(() => false), 10_000, 50);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  for (const authority of [ours, another]) authority?.remove();
  rmSync(home, { recursive: true, force: true });
});

const urlBy = (host: string, ca?: string, sslmode = 'verify-full'): string => {
  const url = new URL(database);
  url.hostname = host;
  url.searchParams.set('sslmode', sslmode);
  if (ca) url.searchParams.set('sslrootcert', ca);
  return url.toString();
};

/** Whether the administrator's connection is encrypted; rejects when there is none. */
const reach = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    return rows[0].ssl as boolean;
  } finally {
    await client.end().catch(() => undefined);
  }
};

describe('a PostgreSQL whose certificate sslrootcert vouches for', () => {
  it('is migrated and used by a service over TLS', async () => {
    const platform = { databaseUrl: urlBy('localhost', ours.ca), natsUrl: '', home };
    const { prediction: password } = rolePasswords(home, ['prediction']);
    await migrate(platform.databaseUrl, [{ service: 'prediction', password: password!, migrations: [] }]);
    const rows = await Database.open({
      service: 'prediction',
      url: databaseUrlOf(platform, 'prediction'),
      entities: [],
    });
    const [seen] = await rows.inTeam({ team: uuidv7() }, (tx) =>
      tx.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'),
    );
    expect(seen).toEqual({ ssl: true });
    await rows.close();
  });
});

describe('no password is told to a PostgreSQL', () => {
  it('that the system does not know, without sslrootcert', async () => {
    await expect(reach(urlBy('localhost'))).rejects.toThrow(/certificate/);
  });
  it('that somebody else signed for', async () => {
    await expect(reach(urlBy('localhost', another.ca))).rejects.toThrow(/certificate/);
  });
  it('that is reached by an address its certificate does not say', async () => {
    await expect(reach(urlBy('127.0.0.1', ours.ca))).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
  it('that is another host, by a service neither', async () => {
    await present(ours.certify('DNS:db.example.org'), 'elsewhere');
    const platform = { databaseUrl: urlBy('localhost', ours.ca), natsUrl: '', home };
    const changed = () =>
      reach(platform.databaseUrl).then(
        () => null,
        (error: { code?: string }) => error.code,
      );
    expect(await until('the other certificate', changed, 10_000, 50)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    const opening = Database.open({ service: 'prediction', url: databaseUrlOf(platform, 'prediction'), entities: [] });
    await expect(opening).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});
