import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { query, temporaryHome } from './test/temporary-home.js';
import { startPostgres, type EmbeddedPostgres, type PostgresOptions } from './postgres.js';

const isRoot = process.geteuid?.() === 0;

let home: Awaited<ReturnType<typeof temporaryHome>>;
let dataDir: string;
let running: EmbeddedPostgres[] = [];

const start = async (options: Partial<PostgresOptions> = {}) => {
  const server = await startPostgres({ dataDir, ephemeral: true, ...options });
  running.push(server);
  return server;
};

beforeEach(async () => {
  home = await temporaryHome();
  dataDir = join(home.path, 'with space', 'postgres');
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
  await home.remove();
});

describe('an empty folder', () => {
  test('becomes a UTF-8 PostgreSQL 18 that its password opens, over loopback only', async () => {
    const { adminUrl, port } = await start();

    const [row] = await query(
      adminUrl,
      `SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_encoding') AS encoding,
              datcollate, datlocale, current_setting('listen_addresses') AS listens, lower('Ä') AS lower,
              current_setting('unix_socket_directories') AS sockets FROM pg_database WHERE datname = 'postgres'`,
    );
    expect(row).toEqual({
      major: 18,
      encoding: 'UTF8',
      datcollate: 'C',
      datlocale: 'C.UTF-8',
      listens: '127.0.0.1',
      lower: 'ä',
      sockets: '',
    });
    await expect(query(`postgres://postgres:wrong@127.0.0.1:${port}/postgres`, 'SELECT 1')).rejects.toMatchObject({
      code: '28P01',
    });
  });

  test('keeps the administrator password beside the data, closed to others', async () => {
    const { adminUrl } = await start();

    const file = join(dataDir, 'admin.password');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(adminUrl).toContain(`:${await readFile(file, 'utf8')}@`);
  });

  test('left half-made by an interrupted initdb is made anew', async () => {
    await mkdir(join(dataDir, 'initdb.unfinished', 'cluster'), { recursive: true });
    await writeFile(join(dataDir, 'initdb.unfinished', 'cluster', 'PG_VERSION'), '18');

    const { adminUrl } = await start();

    expect(await query(adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('existing data', () => {
  test('is there after a restart, under the same password', async () => {
    const first = await start();
    await query(first.adminUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();

    const second = await start();

    expect(new URL(second.adminUrl).password).toBe(new URL(first.adminUrl).password);
    expect(await query(second.adminUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('recovers after kill -9 of the server', async () => {
    const first = await start({ ephemeral: false });
    await query(first.adminUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;

    const lines: string[] = [];
    const second = await start({ ephemeral: false, log: (line) => lines.push(line) });

    expect(await query(second.adminUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(lines.join('\n')).toContain('automatic recovery in progress');
  });

  test('opens although its pid file names a living stranger', async () => {
    await (await start()).stop();
    const stranger = spawn('sleep', ['60']);
    await once(stranger, 'spawn');
    await writeFile(join(dataDir, 'cluster', 'postmaster.pid'), `${stranger.pid}\n${join(dataDir, 'cluster')}\n`);

    const { adminUrl } = await start();

    expect(await query(adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
  });

  test('of another major version is refused', async () => {
    await (await start()).stop();
    await writeFile(join(dataDir, 'cluster', 'PG_VERSION'), '17\n');

    await expect(start()).rejects.toMatchObject({
      code: 'embedded.postgres_failed',
      message: expect.stringContaining('PostgreSQL 17'),
    });
  });

  test('with a wrong or lost password file is refused, and opens once it is restored', async () => {
    await (await start()).stop();
    const file = join(dataDir, 'admin.password');
    const password = await readFile(file, 'utf8');

    await writeFile(file, 'wrong');
    await expect(start()).rejects.toMatchObject({ message: expect.stringContaining('refuses the password') });
    await rm(file);
    await expect(start()).rejects.toMatchObject({ message: expect.stringContaining(`${file} is missing`) });
    await writeFile(file, password);
    expect(await query((await start()).adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

test('a second start on the same folder is refused and leaves the first alone', async () => {
  const { adminUrl } = await start();

  await expect(start()).rejects.toMatchObject({
    code: 'embedded.already_running',
    message: expect.stringContaining(dataDir),
  });
  expect(await query(adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a taken port is named; the folder can be started on another one afterwards', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;

  await expect(start({ port })).rejects.toMatchObject({
    code: 'embedded.port_taken',
    message: expect.stringContaining(`Port ${port} on 127.0.0.1`),
  });
  holder.close();
  await once(holder, 'close');
  expect((await start({ port })).port).toBe(port);
});

(isRoot ? test : test.skip)('as root a folder closed to others is refused by name, with the remedy', async () => {
  await chmod(home.path, 0o700);

  await expect(start()).rejects.toMatchObject({
    code: 'embedded.postgres_failed',
    message: expect.stringContaining(`chmod o+x ${home.path}`),
  });
});
