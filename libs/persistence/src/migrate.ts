import { AppError } from '#kernel';
import pg from 'pg';
import { DataSource, type MixedList } from 'typeorm';
import { roleOf } from './database.js';
import { SERVICE_TABLES } from './tables.js';

export interface ServiceSchema {
  service: string;
  /** Password of the login role. */
  password: string;
  /** The service's own migrations, after the tables every service has. */
  migrations: MixedList<Function>;
}

const literal = (text: string): string => pg.escapeLiteral(text);

/** Creates what a service stands on: three roles, its schema, its grants. Idempotent. */
const prepareService = async (client: pg.Client, { service, password }: ServiceSchema): Promise<void> => {
  const role = roleOf(service);
  const [owner, all] = [`${role}_owner`, `${role}_all`];
  for (const [name, kind] of [
    [owner, 'NOLOGIN'],
    [all, 'NOLOGIN'],
    [role, 'LOGIN'],
  ]) {
    const { rowCount } = await client.query(`SELECT 1 FROM pg_roles WHERE rolname = $1`, [name]);
    if (!rowCount) await client.query(`CREATE ROLE "${name}" ${kind} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS`);
  }
  await client.query(`
    ALTER ROLE "${role}" PASSWORD ${literal(password)};
    ALTER ROLE "${role}" SET search_path = "${role}";
    GRANT "${all}" TO "${role}" WITH INHERIT FALSE, SET TRUE;
    GRANT "${owner}" TO CURRENT_USER WITH INHERIT TRUE, SET TRUE;
    CREATE SCHEMA IF NOT EXISTS "${role}" AUTHORIZATION "${owner}";
    GRANT USAGE ON SCHEMA "${role}" TO "${role}", "${all}";
    ALTER DEFAULT PRIVILEGES FOR ROLE "${owner}" IN SCHEMA "${role}"
      GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "${role}", "${all}";
    ALTER DEFAULT PRIVILEGES FOR ROLE "${owner}" IN SCHEMA "${role}"
      GRANT USAGE ON SEQUENCES TO "${role}", "${all}";
    GRANT CONNECT ON DATABASE "${client.database}" TO "${role}";
  `);
};

/** Runs the pending migrations as `<service>_owner`; TypeORM has no lock of its own, hence the advisory one. */
const migrateService = async (adminUrl: string, schema: ServiceSchema): Promise<void> => {
  const role = roleOf(schema.service);
  const source = new DataSource({
    type: 'postgres',
    url: adminUrl,
    schema: role,
    installExtensions: false,
    migrationsTableName: 'migration',
    migrations: [...SERVICE_TABLES, ...(schema.migrations as Function[])],
    migrationsTransactionMode: 'each',
    poolSize: 1,
    logging: false,
    extra: { options: `-c search_path=${role} -c role=${role}_owner` },
  });
  const lock = new pg.Client({ connectionString: adminUrl });
  await lock.connect();
  try {
    await lock.query(`SELECT pg_advisory_lock(hashtextextended($1, 0))`, [`migrate:${schema.service}`]);
    await source.initialize();
    await source.runMigrations();
  } finally {
    if (source.isInitialized) await source.destroy();
    await lock.end();
  }
};

/**
 * Brings a database to this version: roles, schemas and tables of every given service. Safe to run from several
 * processes at once and again at any time.
 * @throws AppError `database.no_createrole` with the remedy
 */
export const migrate = async (adminUrl: string, schemas: ServiceSchema[]): Promise<void> => {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT rolsuper OR rolcreaterole AS may, current_user AS name FROM pg_roles WHERE rolname = current_user`,
    );
    if (!rows[0]?.may) {
      throw new AppError(
        'database.no_createrole',
        `The database user "${rows[0]?.name}" may not create roles; give DATABASE_URL a user with CREATEROLE (ALTER ROLE … CREATEROLE).`,
      );
    }
    await client.query(`SELECT pg_advisory_lock(hashtextextended('migrate', 0))`);
    for (const schema of schemas) await prepareService(client, schema);
  } finally {
    await client.end();
  }
  for (const schema of schemas) await migrateService(adminUrl, schema);
};

/** The login URL of one service on the database behind `adminUrl`. */
export const serviceUrl = (adminUrl: string, service: string, password: string): string => {
  const url = new URL(adminUrl);
  url.username = roleOf(service);
  url.password = password;
  return url.toString();
};

/** Creates a database nobody but its owners may enter; does nothing when it is there. */
export const createDatabase = async (adminUrl: string, name: string): Promise<string> => {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query(`SELECT 1 FROM pg_database WHERE datname = $1`, [name]);
    if (!rowCount) {
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
      await client.query(`REVOKE CONNECT, TEMP ON DATABASE ${pg.escapeIdentifier(name)} FROM PUBLIC`);
    }
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.toString();
};
