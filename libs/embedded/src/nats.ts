import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { boundToUs } from './account.js';
import { startChild, type Child } from './child.js';
import { alreadyRunning, natsFailed, natsMissing, portTaken } from './embedded.errors.js';
import { programPath } from './env.js';
import { lockFolder } from './folder-lock.js';
import { orphanEnds, pidIn } from './orphan.js';
import { freePort } from './port.js';

/** JetStream replays its files before it answers. */
const readyDeadlineMs = 30_000;
const orphanDeadlineMs = 10_000;
const connectPollMs = 20;
const answerMs = 1_000;
const stopGraceMs = 10_000;
const portAttempts = 3;
const maxPayloadBytes = 8 * 1024 * 1024;
const memoryStoreBytes = 64 * 1024 * 1024;
const logFileBytes = 8 * 1024 * 1024;

export type NatsAccess = { accounts: object } | { authorization: object };

export interface NatsOptions {
  /** Holds JetStream's files, the configuration and `nats.log`. Made if missing. */
  storeDir: string;
  /** On 127.0.0.1; 0 or none = any free one. */
  port?: number;
  /** Who may connect, and what each may do: the sections `accounts` or `authorization` of nats-server's configuration. */
  access: NatsAccess;
  /** Searched after PATH: where an unpacked nats-server lies. */
  binDir?: string;
  /** Receives what the server prints before its log file is open. */
  log?: (line: string) => void;
}

export interface EmbeddedNats {
  /** `nats://127.0.0.1:port`; who gets in, `access` says. */
  url: string;
  port: number;
  pid: number;
  /** Resolves when the server has ended, asked or not. */
  exited: Promise<void>;
  /** Resolves when it is gone; may be called twice. */
  stop(): Promise<void>;
}

/**
 * nats-server with JetStream as a child of this process: it answers when the promise resolves and ends with this process,
 * however that ends. Two servers on one store would corrupt it, so the second start is refused. Throws
 * `embedded.nats_missing`, `embedded.already_running`, `embedded.port_taken`, `embedded.setpriv_failed` and
 * `embedded.nats_failed`, each with its remedy.
 */
export async function startNats(options: NatsOptions): Promise<EmbeddedNats> {
  const storeDir = resolve(options.storeDir);
  const program = await findNats(programFolders(options.binDir));
  await mkdir(storeDir, { recursive: true, mode: 0o700 });
  const unlock = await lockFolder(storeDir);
  try {
    await awaitOrphan(storeDir);
    const { child, port } = await launch(program, storeDir, options);
    const exited = child.exited.then(unlock);
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      pid: child.pid,
      exited,
      async stop() {
        await child.stop('SIGTERM', stopGraceMs, 'SIGKILL');
        await exited;
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Debian puts nats-server into /usr/sbin, which is not on an ordinary user's PATH. */
const programFolders = (binDir?: string) => [
  ...programPath.split(delimiter),
  '/usr/sbin',
  '/usr/local/bin',
  ...(binDir ? [resolve(binDir)] : []),
];

/** The first executable nats-server in the folders; relative ones (a PATH may hold them) are passed over. */
export async function findNats(folders: string[]): Promise<string> {
  const searched = [...new Set(folders.filter((folder) => isAbsolute(folder)))];
  for (const folder of searched) {
    const program = join(folder, 'nats-server');
    const runs = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return program;
  }
  throw natsMissing(searched);
}

/** Unlike PostgreSQL, nats-server opens a store that another one still writes. */
async function awaitOrphan(storeDir: string): Promise<void> {
  const pid = await pidIn(join(storeDir, 'nats.pid'));
  if (pid === null || (await orphanEnds(pid, configFile(storeDir), orphanDeadlineMs))) return;
  throw alreadyRunning(storeDir, pid);
}

const configFile = (storeDir: string) => join(storeDir, 'nats.conf');

async function launch(
  program: string,
  storeDir: string,
  options: NatsOptions,
): Promise<{ child: Child; port: number }> {
  const { access } = options;
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(options.port);
    const name = `spectrace-${randomBytes(6).toString('hex')}`;
    await rm(join(storeDir, 'nats.log'), { force: true });
    await rm(configFile(storeDir), { force: true });
    await writeFile(configFile(storeDir), configuration({ name, port, access, storeDir }), {
      mode: 0o600,
      flag: 'wx',
    });
    const child = await startChild(boundToUs(null, 'TERM', [program, '--config', configFile(storeDir)]), options.log);
    try {
      await answers(child, port, name, storeDir);
      return { child, port };
    } catch (error) {
      await child.stop('SIGTERM', stopGraceMs, 'SIGKILL');
      if (!/address already in use/.test(await said(child, storeDir))) throw error;
      if (options.port || attempt === portAttempts) throw portTaken(port, 'taken meanwhile');
    }
  }
}

/**
 * The server logs to a file: writing to the pipe of a dead parent would kill it by SIGPIPE in the middle of its orderly
 * end. JSON is valid nats-server configuration.
 */
function configuration(server: { name: string; port: number; access: NatsAccess; storeDir: string }): string {
  return JSON.stringify({
    server_name: server.name,
    host: '127.0.0.1',
    port: server.port,
    max_payload: maxPayloadBytes,
    ...server.access,
    jetstream: { store_dir: server.storeDir, max_memory_store: memoryStoreBytes },
    pid_file: join(server.storeDir, 'nats.pid'),
    log_file: join(server.storeDir, 'nats.log'),
    logfile_size_limit: logFileBytes,
  });
}

/** Resolves when our own server (by its random name) greets on the port with JetStream on. */
async function answers(child: Child, port: number, name: string, storeDir: string): Promise<void> {
  const deadline = performance.now() + readyDeadlineMs;
  for (;;) {
    if (child.hasExited()) {
      throw natsFailed(
        `nats-server ended at start on ${storeDir}: fix the cause, then start again.`,
        await said(child, storeDir),
      );
    }
    const info = await greeting(port);
    if (info?.server_name === name && info.jetstream) return;
    if (performance.now() > deadline) {
      throw natsFailed(
        `nats-server is not ready after ${readyDeadlineMs / 1000} s: it must be 2.9 or newer with JetStream, on a disk with room.`,
        await said(child, storeDir),
      );
    }
    await delay(connectPollMs);
  }
}

async function said(child: Child, storeDir: string): Promise<string> {
  const logged = await readFile(join(storeDir, 'nats.log'), 'utf8').catch(() => '');
  return [child.tail(), ...logged.trim().split('\n').slice(-10)].filter(Boolean).join('\n');
}

/** The `INFO {…}` line with which a NATS server opens every connection; `null` when nothing of the kind came. */
function greeting(port: number): Promise<{ server_name?: string; jetstream?: boolean } | null> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port });
    const end = (info: object | null) => {
      socket.destroy();
      resolve(info);
    };
    socket.setEncoding('utf8').setTimeout(answerMs, () => end(null));
    socket.on('error', () => end(null)).on('close', () => end(null));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const line = /^INFO (\{.*\})\s*\r\n/.exec(text);
      if (line) end(JSON.parse(line[1]!) as object);
    });
  });
}
