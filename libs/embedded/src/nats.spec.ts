import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryHome } from './test/temporary-home.js';
import { findNats, startNats, type EmbeddedNats, type NatsOptions } from './nats.js';

let home: Awaited<ReturnType<typeof temporaryHome>>;
let storeDir: string;
let running: EmbeddedNats[] = [];

const access = (password: string) => ({ authorization: { user: 'somebody', password } });
const start = async (options: Partial<NatsOptions> = {}) => {
  const server = await startNats({ storeDir, access: access('first'), ...options });
  running.push(server);
  return server;
};

const login = (url: string, pass = 'first') =>
  connect({ servers: new URL(url).host, user: 'somebody', pass, reconnect: false });

const publishKept = async (url: string) => {
  const client = await login(url);
  await (await jetstreamManager(client)).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
  await jetstream(client).publish('kept.one', 'survives');
  await client.close();
};

const readKept = async (url: string, pass?: string) => {
  const client = await login(url, pass);
  const message = await (await jetstreamManager(client)).streams.getMessage('KEPT', { last_by_subj: 'kept.one' });
  await client.close();
  return message?.string();
};

beforeEach(async () => {
  home = await temporaryHome();
  storeDir = join(home.path, 'with space', 'nats');
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
  await home.remove();
});

test('serves messages of 8 MB to those it was told of and refuses everybody else', async () => {
  const { url, port } = await start();

  const client = await login(url);
  expect(client.info).toMatchObject({ jetstream: true, auth_required: true, max_payload: 8 * 1024 * 1024 });
  const subscription = client.subscribe('large', { max: 1 });
  client.publish('large', new Uint8Array(8 * 1024 * 1024));
  for await (const message of subscription) expect(message.data.length).toBe(8 * 1024 * 1024);
  await client.close();

  await expect(connect({ servers: `127.0.0.1:${port}`, reconnect: false })).rejects.toThrow(/authorization/i);
  await expect(login(url, 'another')).rejects.toThrow(/authorization/i);
  expect((await stat(join(storeDir, 'nats.conf'))).mode & 0o777).toBe(0o600);
});

test('listens on loopback alone', async () => {
  const { port } = await start();

  const listening = (await readFile('/proc/net/tcp', 'utf8')) + (await readFile('/proc/net/tcp6', 'utf8'));
  const onPort = listening
    .split('\n')
    .filter((line) => line.includes(`:${port.toString(16).toUpperCase()} `) && / 0A /.test(line));
  expect(onPort.map((line) => line.trim().split(/\s+/)[1]!.split(':')[0])).toEqual(['0100007F']);
});

describe('its streams', () => {
  test('are there after a restart, behind another password', async () => {
    const first = await start();
    await publishKept(first.url);
    await first.stop();

    const second = await start({ access: access('second') });

    expect(await readKept(second.url, 'second')).toBe('survives');
    await expect(login(second.url, 'first')).rejects.toThrow(/authorization/i);
  });

  test('are there after kill -9 of the server', async () => {
    const first = await start();
    await publishKept(first.url);
    process.kill(first.pid, 'SIGKILL');
    await first.exited;

    expect(await readKept((await start()).url)).toBe('survives');
  });
});

test('a second start on the same store is refused and leaves the first alone', async () => {
  const { url } = await start();

  await expect(start()).rejects.toMatchObject({
    code: 'embedded.already_running',
    message: expect.stringContaining(storeDir),
  });
  await publishKept(url);
});

test('a pid file that names somebody else does not stop the start', async () => {
  await mkdir(storeDir, { recursive: true });
  await writeFile(join(storeDir, 'nats.pid'), String(process.pid));

  const { pid } = await start();

  expect(Number(await readFile(join(storeDir, 'nats.pid'), 'utf8'))).toBe(pid);
});

test('a taken port is named', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;

  await expect(start({ port })).rejects.toMatchObject({
    code: 'embedded.port_taken',
    message: expect.stringContaining(`Port ${port} `),
  });
  holder.close();
});

describe('the program', () => {
  test('is the first executable one, in absolute folders only', async () => {
    const plain = join(home.path, 'plain');
    const runnable = join(home.path, 'runnable');
    for (const [folder, mode] of [
      [plain, 0o644],
      [runnable, 0o755],
    ] as const) {
      await mkdir(folder);
      await writeFile(join(folder, 'nats-server'), '', { mode });
    }

    expect(await findNats(['.', plain, runnable])).toBe(join(runnable, 'nats-server'));
  });

  test('that is nowhere is asked for by script and package', async () => {
    await expect(findNats([home.path])).rejects.toMatchObject({
      code: 'embedded.nats_missing',
      message: expect.stringMatching(/scripts\/debian\.sh.*apt-get install nats-server/),
    });
  });
});
