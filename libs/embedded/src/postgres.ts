import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { boundToUs, postgresAccount, type Account } from './account.js';
import { startChild, type Child } from './child.js';
import { portTaken, postgresFailed } from './embedded.errors.js';
import { lockFolder } from './folder-lock.js';
import { freePort } from './port.js';
import { postgresBinaries, type Binaries } from './postgres-binaries.js';
import { adminUser, openDataDir, readyCluster, type Cluster } from './postgres-cluster.js';

/** Covers crash recovery of a full `max_wal_size` on a slow disk. */
const readyDeadlineMs = 120_000;
const connectPollMs = 20;
const stopGraceMs = 30_000;
/** A port that was free may be taken before PostgreSQL binds it; another one is as good when any will do. */
const portAttempts = 3;

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '32MB',
  max_connections: '80',
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};
const ephemeralSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

export interface PostgresOptions {
  /** Holds everything: `cluster` (PGDATA), `admin.password`, and the programs where they must be copied. Made if missing. */
  dataDir: string;
  /** On 127.0.0.1; 0 or none = any free one. */
  port?: number;
  /** For tests: nothing is forced to disk, a crash of the machine loses the data. */
  ephemeral?: boolean;
  /** Receives the server's log, line by line. */
  log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** The administrator's URL, password included, on database `postgres`. */
  adminUrl: string;
  port: number;
  pid: number;
  /** Resolves when the server has ended, asked or not. */
  exited: Promise<void>;
  /** Fast shutdown: open connections are cut, committed work is kept. Resolves when it is gone; may be called twice. */
  stop(): Promise<void>;
}

/**
 * PostgreSQL 18 as a child of this process: it accepts connections when the promise resolves and ends with this process,
 * however that ends. Throws `embedded.port_taken`, `embedded.already_running`, `embedded.binaries_missing`,
 * `embedded.setpriv_failed` and `embedded.postgres_failed`, each with its remedy.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const account = await postgresAccount();
  await openDataDir(account, dataDir);
  const unlock = await lockFolder(dataDir);
  try {
    const binaries = await postgresBinaries(account, dataDir);
    const cluster = await readyCluster(account, dataDir, binaries, options.ephemeral ?? false);
    const { child, port } = await launch(account, binaries, cluster, options);
    const exited = child.exited.then(unlock);
    return {
      adminUrl: `postgres://${adminUser}:${cluster.adminPassword}@127.0.0.1:${port}/postgres`,
      port,
      pid: child.pid,
      exited,
      async stop() {
        await child.stop('SIGINT', stopGraceMs, 'SIGQUIT');
        await exited;
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function launch(
  account: Account | null,
  binaries: Binaries,
  cluster: Cluster,
  options: PostgresOptions,
): Promise<{ child: Child; port: number }> {
  const all = Object.entries({ ...settings, ...(options.ephemeral ? ephemeralSettings : {}) });
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(options.port);
    const argv = [
      binaries.postgres,
      '-D',
      cluster.path,
      '-p',
      String(port),
      ...all.flatMap(([k, v]) => ['-c', `${k}=${v}`]),
    ];
    const child = await startChild(boundToUs(account, 'INT', argv), options.log);
    try {
      await accepts(child, port, cluster);
      return { child, port };
    } catch (error) {
      await child.stop('SIGINT', stopGraceMs, 'SIGQUIT');
      if (!/Address already in use/.test(child.tail())) throw error;
      if (options.port || attempt === portAttempts) throw portTaken(port, 'taken meanwhile');
    }
  }
}

/** Resolves when the administrator can log in, which is also the proof that this is our server and our data. */
async function accepts(child: Child, port: number, cluster: Cluster): Promise<void> {
  const deadline = performance.now() + readyDeadlineMs;
  for (;;) {
    if (child.hasExited()) {
      throw postgresFailed(
        `PostgreSQL ended at start on ${cluster.path}: fix the cause, then start again.`,
        child.tail(),
      );
    }
    const failure = await login(port, cluster.adminPassword);
    if (!failure) return;
    if (failure.code === invalidPassword) {
      throw postgresFailed(
        `The server on port ${port} refuses the password beside ${cluster.path}: restore admin.password.`,
      );
    }
    if (performance.now() > deadline) {
      throw postgresFailed(
        `PostgreSQL is not ready after ${readyDeadlineMs / 1000} s (${failure.message}): look for a full or very slow disk.`,
        child.tail(),
      );
    }
    await delay(connectPollMs);
  }
}

/** SQLSTATE. */
const invalidPassword = '28P01';

async function login(port: number, password: string): Promise<(Error & { code?: string }) | null> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: adminUser, password, database: 'postgres' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return null;
  } catch (error) {
    return error as Error;
  }
}
