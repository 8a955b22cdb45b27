import type { ServiceName } from '#contracts';
import { type NatsAccess, startNats } from '#embedded';
import { uuidv7 } from '#kernel';
import { connectNats, natsAccountsOf, prepareStream } from '#messaging';
import { createDatabase, Database, migrate, serviceUrl } from '#persistence';
import type { Platform, ServiceDefinition } from '#service';
import { Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const PASSWORD = 'of-a-test';

// What a service logs is not what a test asserts; failures reach it as errors.
Logger.overrideLogger(['fatal']);

type Schema = Pick<ServiceDefinition<never>, 'name' | 'migrations'>;

const adminUrl = (): string => {
  const url = process.env.TEST_ADMIN_URL;
  if (!url) throw new Error('no test server: run the tests through jest with its global setup');
  return url;
};

const asAdmin = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** A database with these services' tables, copied from a template that the first test file to need it migrates. */
const createTestDatabase = async (schemas: readonly Schema[]): Promise<{ url: string; drop: () => Promise<void> }> => {
  const names = schemas.map((schema) => schema.name).sort();
  const content = schemas.map(({ name, migrations }) =>
    [name, ...migrations.map((migration) => migration.name)].join(':'),
  );
  const template = `template_${createHash('sha256').update(content.sort().join()).digest('hex').slice(0, 16)}`;
  const name = `test_${uuidv7().replaceAll('-', '')}`;
  await asAdmin(async (client) => {
    await client.query(`SELECT pg_advisory_lock(hashtextextended('test templates', 0))`);
    const { rowCount } = await client.query(`SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate`, [
      template,
    ]);
    if (!rowCount) {
      await client.query(`DROP DATABASE IF EXISTS ${template}`);
      const url = await createDatabase(adminUrl(), template);
      await migrate(
        url,
        schemas.map(({ name: service, migrations }) => ({ service, password: PASSWORD, migrations })),
      );
      await client.query(`ALTER DATABASE ${template} IS_TEMPLATE true`);
    }
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
    await client.query(`REVOKE CONNECT, TEMP ON DATABASE ${name} FROM PUBLIC`);
    for (const service of names) await client.query(`GRANT CONNECT ON DATABASE ${name} TO "${service}"`);
  });
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return {
    url: url.toString(),
    drop: () => asAdmin(async (client) => void (await client.query(`DROP DATABASE ${name} WITH (FORCE)`))),
  };
};

/** Several services' rows in one database, without NATS. */
export interface TestSchemas {
  /** An administrator's URL: sees every row. */
  adminUrl: string;
  /** The URL of a service's login role. */
  urlOf(service: ServiceName): string;
  drop(): Promise<void>;
}

export const openTestSchemas = async (schemas: readonly Schema[]): Promise<TestSchemas> => {
  const { url, drop } = await createTestDatabase(schemas);
  return { adminUrl: url, urlOf: (service) => serviceUrl(url, service, PASSWORD), drop };
};

/** One service's rows on a real PostgreSQL, for `*.db.spec.ts`. */
export interface TestDatabase {
  database: Database;
  /** An administrator's URL of the same database: sees every row. */
  adminUrl: string;
  close(): Promise<void>;
}

export const openTestDatabase = async (
  definition: Pick<ServiceDefinition<never>, 'name' | 'migrations' | 'entities'>,
): Promise<TestDatabase> => {
  const { url, drop } = await createTestDatabase([definition]);
  const database = await Database.open({
    service: definition.name,
    url: serviceUrl(url, definition.name, PASSWORD),
    entities: definition.entities,
  });
  return {
    database,
    adminUrl: url,
    close: async () => {
      await database.close();
      await drop();
    },
  };
};

/** The platform's NATS server, to take away and give back under clients that live on. */
export interface TestNats {
  /** JetStream's files. */
  storeDir: string;
  /** Resolves when the server is gone. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** On the same port, with the same keys and whatever is in the folder. */
  start(): Promise<void>;
}

/**
 * A database of its own, a NATS server of its own with the keys and permissions of production, and a data folder of its
 * own, for `apps/<app>/test`.
 */
export interface TestPlatform extends Platform {
  nats: TestNats;
  close(): Promise<void>;
}

export const openTestPlatform = async (schemas: readonly Schema[]): Promise<TestPlatform> => {
  const home = mkdtempSync(join(tmpdir(), 'spectrace-home-'));
  const { url, drop } = await createTestDatabase(schemas);
  const nats = await openTestNats(join(home, 'nats'), natsAccountsOf(home));
  const platform: Platform = { databaseUrl: url, natsUrl: nats.url, home };
  writeFileSync(
    join(home, 'roles.json'),
    JSON.stringify(Object.fromEntries(schemas.map(({ name }) => [name, PASSWORD]))),
  );
  const connection = await connectNats(platform, 'bootstrap');
  await prepareStream(connection);
  await connection.close();
  return {
    ...platform,
    nats,
    close: async () => {
      await nats.stop('SIGTERM');
      await drop();
      rmSync(home, { recursive: true, force: true });
    },
  };
};

const openTestNats = async (storeDir: string, access: NatsAccess): Promise<TestNats & { url: string }> => {
  let server = await startNats({ storeDir, access });
  const { url, port } = server;
  return {
    url,
    storeDir,
    stop: async (signal) => {
      if (signal === 'SIGKILL') process.kill(server.pid, signal);
      await server.stop();
    },
    start: async () => {
      server = await startNats({ storeDir, port, access });
    },
  };
};
