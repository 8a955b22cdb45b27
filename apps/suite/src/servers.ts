import { type EmbeddedNats, type EmbeddedPostgres, startNats, startPostgres } from '#embedded';
import { connectNats, natsAccountsOf, prepareStream } from '#messaging';
import { createDatabase, migrate } from '#persistence';
import { type Platform, rolePasswords, type ServiceDefinition } from '#service';
import { join } from 'node:path';
import type { SuiteEnv } from './env.js';

const DATABASE = 'spectrace';

export interface Servers {
  platform: Platform;
  stop(): Promise<void>;
}

/** PostgreSQL and NATS, embedded unless the settings name others. */
export const startServers = async (env: SuiteEnv, home: string): Promise<Servers> => {
  const access = natsAccountsOf(home);
  const started: (EmbeddedPostgres | EmbeddedNats)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  try {
    const [postgres, nats] = await Promise.all([
      env.DATABASE_URL ? null : startPostgres({ dataDir: join(home, 'postgres') }),
      env.NATS_URL ? null : startNats({ storeDir: join(home, 'nats'), binDir: join(home, 'bin'), access }),
    ]);
    started.push(...[postgres, nats].filter((server) => server !== null));
    const databaseUrl = postgres ? await createDatabase(postgres.adminUrl, DATABASE) : env.DATABASE_URL;
    const natsPlace = nats ? { natsUrl: nats.url } : { natsUrl: env.NATS_URL, natsCa: env.NATS_CA };
    return { platform: { databaseUrl, ...natsPlace, home, alone: postgres !== null }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Brings database and stream to this version; idempotent. */
export const prepareServers = async (
  platform: Platform,
  definitions: readonly ServiceDefinition<never>[],
): Promise<void> => {
  const passwords = rolePasswords(
    platform.home,
    definitions.map(({ name }) => name),
  );
  await migrate(
    platform.databaseUrl,
    definitions.map(({ name, migrations }) => ({ service: name, password: passwords[name]!, migrations })),
  );
  const connection = await connectNats(platform, 'bootstrap');
  await prepareStream(connection);
  await connection.close();
};
