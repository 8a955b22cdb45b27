import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MapBlobs, roomy, Scratch } from '../test/workspace-fixture.js';
import type { Manifest } from './manifest.types.js';
import { WorkspaceHold } from './workspace-hold.js';
import { WorkspaceRoot } from './workspace-root.js';

let scratch: Scratch;
let blobs: MapBlobs;
let hold: WorkspaceHold;
const at = (path: string) => scratch.at(path);
const isRoot = process.geteuid?.() === 0;

beforeEach(async () => {
  scratch = new Scratch();
  const root = await WorkspaceRoot.open(scratch.path, { roots: [scratch.base], refuse: [] });
  blobs = new MapBlobs();
  hold = new WorkspaceHold(root, blobs, roomy);
});
afterEach(() => scratch[Symbol.dispose]());

/** Restores after a run whose end was observed, and after one whose end is not known. */
const eachKnowledge = test.each([
  ['observed', (observe: () => Promise<Manifest>): Promise<Manifest | null> => observe()],
  ['not known', async (): Promise<Manifest | null> => null],
] as const);

async function expectUndone(run: () => void, leftOf: (observe: () => Promise<Manifest>) => Promise<Manifest | null>) {
  const before = await hold.take();
  run();
  const left = await leftOf(() => hold.observe());
  const outcome = await hold.restore(before, left);
  expect(outcome).toMatchObject({ outcome: 'undone', digest: before.digest });
  expect((await hold.observe()).entries).toEqual(before.entries);
  return outcome.restored;
}

describe('a run is undone', () => {
  eachKnowledge('content, modes, links, empty folders and what was created (%s)', async (_, leftOf) => {
    mkdirSync(at('empty'));
    mkdirSync(at('d/e'), { recursive: true });
    for (const path of ['d/e/deleted', 'changed', 'mode', 'same']) writeFileSync(at(path), path);
    symlinkSync('changed', at('link'));
    const restored = await expectUndone(() => {
      rmSync(at('d'), { recursive: true });
      rmSync(at('empty'), { recursive: true });
      writeFileSync(at('changed'), 'other');
      chmodSync(at('mode'), 0o4711);
      unlinkSync(at('link'));
      symlinkSync('/etc/passwd', at('link'));
      mkdirSync(at('new/deep'), { recursive: true });
      writeFileSync(at('new/deep/file'), '');
    }, leftOf);
    const expected = [
      'changed',
      'd',
      'd/e',
      'd/e/deleted',
      'empty',
      'link',
      'mode',
      'new',
      'new/deep',
      'new/deep/file',
    ];
    expect(restored).toEqual(expected);
  });

  eachKnowledge('every change of type (%s)', async (_, leftOf) => {
    const types = ['file', 'folder', 'link'] as const;
    const make = (path: string, type: (typeof types)[number]) => {
      if (type === 'file') writeFileSync(at(path), path);
      if (type === 'link') symlinkSync(scratch.outside, at(path));
      if (type === 'folder') mkdirSync(at(`${path}/inner`), { recursive: true });
      if (type === 'folder') writeFileSync(at(`${path}/inner/x`), path);
    };
    writeFileSync(`${scratch.outside}/theirs`, '');
    const pairs = types.flatMap((from) => types.filter((to) => to !== from).map((to) => [from, to] as const));
    for (const [from, to] of pairs) make(`${from}-${to}`, from);
    await expectUndone(() => {
      for (const [from, to] of pairs) {
        rmSync(at(`${from}-${to}`), { recursive: true });
        make(`${from}-${to}`, to);
      }
    }, leftOf);
    expect(readdirSync(scratch.outside)).toEqual(['theirs']);
  });

  test('again and again with the same answer', async () => {
    writeFileSync(at('x'), 'x');
    const before = await hold.take();
    writeFileSync(at('x'), 'y');
    const left = await hold.observe();
    expect(await hold.restore(before, left)).toEqual({ outcome: 'undone', digest: before.digest, restored: ['x'] });
    expect(await hold.restore(before, left)).toEqual({ outcome: 'undone', digest: before.digest, restored: [] });
    expect(await hold.restore(before, null)).toEqual({ outcome: 'undone', digest: before.digest, restored: [] });
  });

  test('also where it left what cannot be observed', async () => {
    writeFileSync(at('fifo'), 'was a file');
    writeFileSync(at('linked'), 'x');
    const fresh = await hold.take();
    rmSync(at('fifo'));
    execFileSync('mkfifo', [at('fifo')]);
    linkSync(at('linked'), at('second-name'));
    mkdirSync(at('made'));
    writeFileSync(Buffer.concat([Buffer.from(at('made/bad')), Buffer.from([0xff])]), '');
    mkdirSync(at(Array(200).fill('deep').join('/')), { recursive: true });
    execFileSync('truncate', ['-s', '1T', at('made/sparse')]);
    await expect(hold.observe()).rejects.toMatchObject({ code: expect.stringContaining('workspace.') });
    expect(await hold.restore(fresh, null)).toMatchObject({ outcome: 'undone' });
    expect(readdirSync(scratch.path)).toEqual(['fifo', 'linked']);
    expect(readFileSync(at('fifo'), 'utf8')).toBe('was a file');
  });

  test('and a second name outside sees nothing of it', async () => {
    writeFileSync(at('same'), 'same');
    writeFileSync(at('mode'), 'mode', { mode: 0o644 });
    const before = await hold.take();
    linkSync(at('same'), `${scratch.outside}/same`);
    linkSync(at('mode'), `${scratch.outside}/mode`);
    chmodSync(at('mode'), 0o600);
    expect(await hold.restore(before, null)).toMatchObject({ outcome: 'undone', restored: ['mode', 'same'] });
    expect(statSync(`${scratch.outside}/mode`).mode & 0o777).toBe(0o600);
    expect(statSync(at('same')).ino).not.toBe(statSync(`${scratch.outside}/same`).ino);
  });

  describe('what is put back', () => {
    test('belongs to the owner of the workspace', async () => {
      mkdirSync(at('d'));
      writeFileSync(at('d/x'), '');
      symlinkSync('x', at('d/link'));
      if (isRoot) chownSync(scratch.path, 1234, 2345);
      const { uid, gid } = lstatSync(scratch.path);
      await expectUndone(
        () => rmSync(at('d'), { recursive: true }),
        (observe) => observe(),
      );
      for (const path of ['d', 'd/x', 'd/link']) expect(lstatSync(at(path))).toMatchObject({ uid, gid });
    });
  });
});

describe('an owner without root’s rights', () => {
  const unprivileged = 65_534;
  /** Root gives the workspace away and becomes its owner for the time of `work`; anybody else already is. */
  async function asOwner<T>(work: () => Promise<T>): Promise<T> {
    if (!isRoot) return work();
    chmodSync(scratch.base, 0o755);
    execFileSync('chown', ['-R', `${unprivileged}:${unprivileged}`, scratch.path]);
    process.setegid?.(unprivileged);
    process.seteuid?.(unprivileged);
    try {
      return await work();
    } finally {
      process.seteuid?.(0);
      process.setegid?.(0);
    }
  }

  eachKnowledge('restores below read-only folders and what was locked (%s)', async (_, leftOf) => {
    mkdirSync(at('ro/sub'), { recursive: true });
    mkdirSync(at('closed/inner'), { recursive: true });
    for (const path of ['ro/sub/a', 'ro/b', 'closed/inner/c', 'secret']) writeFileSync(at(path), path);
    chmodSync(at('ro/sub'), 0o555);
    chmodSync(at('ro'), 0o555);
    await asOwner(() =>
      expectUndone(() => {
        chmodSync(at('ro'), 0o755);
        chmodSync(at('ro/sub'), 0o755);
        rmSync(at('ro/sub/a'));
        writeFileSync(at('ro/b'), 'changed');
        mkdirSync(at('ro/sub/new'));
        writeFileSync(at('ro/sub/new/x'), '');
        chmodSync(at('ro/sub/new'), 0o500);
        chmodSync(at('ro/sub'), 0o555);
        chmodSync(at('ro'), 0);
        writeFileSync(at('closed/inner/c'), 'changed');
        chmodSync(at('closed/inner'), 0);
        chmodSync(at('closed'), 0);
        chmodSync(at('secret'), 0);
      }, leftOf),
    );
    expect(statSync(at('ro')).mode & 0o777).toBe(0o555);
  });

  test('observing puts locked modes back, taking refuses what it cannot read', async () => {
    mkdirSync(at('closed'));
    writeFileSync(at('closed/x'), 'x', { mode: 0 });
    chmodSync(at('closed'), 0);
    await asOwner(async () => {
      if (process.geteuid?.() !== 0) await expect(hold.take()).rejects.toMatchObject({ code: 'workspace.denied' });
      expect((await hold.observe()).entries).toMatchObject([
        { path: 'closed', mode: 0 },
        { path: 'closed/x', mode: 0 },
      ]);
      expect(statSync(at('closed')).mode & 0o777).toBe(0);
    });
    chmodSync(at('closed'), 0o700);
    expect(statSync(at('closed/x')).mode & 0o777).toBe(0);
  });

  test('restores a workspace whose own folder was locked', async () => {
    writeFileSync(at('x'), 'x');
    await asOwner(async () => {
      const before = await hold.take();
      rmSync(at('x'));
      chmodSync(scratch.path, 0);
      expect(await hold.restore(before, null)).toMatchObject({ outcome: 'undone' });
    });
    expect(readFileSync(at('x'), 'utf8')).toBe('x');
  });
});
