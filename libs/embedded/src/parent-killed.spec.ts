import { until } from '#testing';
import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startNats } from './nats.js';
import { startPostgres } from './postgres.js';
import { query, temporaryHome } from './test/temporary-home.js';

const fromSource = join(import.meta.dirname, '../../../scripts/from-source.mjs');
const deadlineMs = 15_000;
/** How long the orphans are kept from ending while the next start waits for them. */
const heldMs = 500;

/** A zombie, which its adopter may leave for long, has no command line any more. */
const isAlive = async (pid: number) => (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== '';

/** Another process with both servers on `home`; `kill` is kill -9. */
async function startParent(home: string) {
  const script = join(import.meta.dirname, 'test/parent.ts');
  const parent = spawn(process.execPath, ['--import', fromSource, script, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(parent, 'exit');
  const [line] = (await Promise.race([
    once(createInterface({ input: parent.stdout }), 'line'),
    ended.then(([code]) => Promise.reject(new Error(`the parent ended with ${code}`))),
  ])) as [string];
  const { adminUrl, pids } = JSON.parse(line) as { adminUrl: string; pids: [postgres: number, nats: number] };
  const kill = async () => {
    parent.kill('SIGKILL');
    await ended;
  };
  return { adminUrl, pids, kill };
}

test('kill -9 of the process that started them ends both servers', async () => {
  const home = await temporaryHome();
  const { pids, kill } = await startParent(home.path);
  expect(await Promise.all(pids.map(isAlive))).toEqual([true, true]);

  await kill();

  await until('both to be gone', async () => !(await Promise.all(pids.map(isAlive))).includes(true), deadlineMs);
  await home.remove();
}, 60_000);

test('a start waits for orphans that are still ending, and finds the data', async () => {
  const home = await temporaryHome();
  const { adminUrl, pids, kill } = await startParent(home.path);
  await query(adminUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await kill();
  const release = once(AbortSignal.timeout(heldMs), 'abort').then(() =>
    pids.forEach((pid) => process.kill(pid, 'SIGCONT')),
  );

  const [postgres, nats] = await Promise.all([
    startPostgres({ dataDir: join(home.path, 'postgres') }).then(async (server) => {
      expect(await isAlive(pids[0])).toBe(false);
      return server;
    }),
    startNats({ storeDir: join(home.path, 'nats'), access: { authorization: { user: 'u', password: 'p' } } }).then(
      async (server) => {
        expect(await isAlive(pids[1])).toBe(false);
        return server;
      },
    ),
  ]).finally(() => release);

  expect(await query(postgres.adminUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  await Promise.all([postgres.stop(), nats.stop()]);
  await home.remove();
}, 60_000);
