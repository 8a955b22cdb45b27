import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import type { WorkspaceRoot } from '#snapshots';
import { callContext, until } from '#testing';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRows, type Rows } from '../../test/rows.js';
import { WorkspaceService } from './workspace.service.js';

let rows: Rows;
let base: string;
let service: WorkspaceService;
beforeAll(async () => {
  rows = await openRows();
});
afterAll(() => rows.close());
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'locks-'));
  for (const path of ['roots/a/b/c', 'roots/ab', 'roots/home', 'outside'])
    mkdirSync(join(base, path), { recursive: true });
  const env = { WORKSPACE_ROOTS: [join(base, 'roots')], EXECUTOR_SLOTS: 1 };
  service = new WorkspaceService(env as never, { home: join(base, 'roots/home'), databaseUrl: '', natsUrl: '' });
});
afterEach(async () => {
  await rows.asAdmin(`DELETE FROM executor.workspace_lock`);
  rmSync(base, { recursive: true });
});

const newRun = (team = callContext().team) => ({ team, execution_id: uuidv7() });
type Run = ReturnType<typeof newRun>;
const open = (path: string): Promise<WorkspaceRoot> => service.open(join(base, 'roots', path));
const lock = async (run: Run, path: string): Promise<void> => {
  const root = await open(path);
  await rows.database.inTeam(run, (tx) => service.lock(tx, run, root));
};
const unlock = (run: Run) => rows.database.inTeam(run, (tx) => service.unlock(tx, run.execution_id));
const busy = expect.objectContaining({ code: 'workspace.busy', retryable: true });

describe('while a run works in a folder', () => {
  it.each(['a/b', 'a', 'a/b/c'])('no other run of any team gets %s', async (path) => {
    const first = newRun();
    await lock(first, 'a/b');
    await expect(lock(newRun(first.team), path)).rejects.toEqual(busy);
    await expect(lock(newRun(), path)).rejects.toEqual(busy);
  });

  it('a folder whose name only begins the same is free', async () => {
    await lock(newRun(), 'a');
    await expect(lock(newRun(), 'ab')).resolves.toBeUndefined();
  });

  it('the same folder by another name is not free', async () => {
    symlinkSync(join(base, 'roots/a'), join(base, 'roots/link'));
    await lock(newRun(), 'a');
    await expect(lock(newRun(), 'link')).rejects.toEqual(busy);
  });

  it('the run itself gets it again, as after a crash', async () => {
    const run = newRun();
    await lock(run, 'a');
    await expect(lock(run, 'a')).resolves.toBeUndefined();
    await unlock(run);
    await expect(lock(newRun(), 'a')).resolves.toBeUndefined();
  });
});

it('of many runs that start at once in folders above and below each other, one starts', async () => {
  const paths = ['a', 'a/b', 'a/b/c', 'a', 'a/b', 'a/b/c'];
  const results = await Promise.allSettled(paths.map((path) => lock(newRun(), path)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(results.filter((result) => result.status === 'rejected').map(({ reason }) => reason)).toEqual(
    Array(5).fill(busy),
  );
});

it('a start that has not committed yet is waited for', async () => {
  const [entered, leave] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const [first, root] = [newRun(), await open('a')];
  const start = rows.database.inTeam(first, async (tx) => {
    await service.lock(tx, first, root);
    entered.resolve();
    await leave.promise;
  });
  await entered.promise;
  const second = lock(newRun(), 'a/b').then(
    () => 'started',
    (error) => error.code,
  );
  const waiting = await until('the second one to wait, or not to', async () => {
    const [{ n }] = (await rows.asAdmin<{ n: number }>(
      `SELECT count(*)::integer AS n FROM pg_locks
       WHERE locktype = 'advisory' AND NOT granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )) as [{ n: number }];
    return n > 0 ? 'waits' : Promise.race([second, null]);
  });
  leave.resolve();
  await start;
  expect([waiting, await second]).toEqual(['waits', 'workspace.busy']);
});

it('a start that is taken back leaves no lock', async () => {
  const run = newRun();
  const root = await open('a');
  const start = rows.database.inTeam(run, async (tx) => {
    await service.lock(tx, run, root);
    throw new Error('fenced');
  });
  await expect(start).rejects.toThrow('fenced');
  await expect(lock(newRun(), 'a')).resolves.toBeUndefined();
});

it("a run frees its own folder and nobody else's", async () => {
  const run = newRun();
  await lock(run, 'a');
  await unlock(newRun());
  await unlock({ ...run, team: callContext().team });
  await expect(lock(newRun(), 'a')).rejects.toEqual(busy);
  await unlock(run);
  await expect(lock(newRun(), 'a')).resolves.toBeUndefined();
});

describe('a folder that may not be a workspace', () => {
  it.each([
    ['outside', 'workspace.outside_roots'],
    ['roots/home', 'workspace.refused'],
    ['roots', 'workspace.refused'],
    ['roots/a/none', 'workspace.not_found'],
    ['roots/../outside', 'workspace.outside_roots'],
  ])('%s', async (path, code) => {
    await expect(service.open(join(base, path))).rejects.toMatchObject({ code });
  });
});
