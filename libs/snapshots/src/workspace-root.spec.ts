import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runInTransaction } from '#kernel';
import { Scratch } from '../test/workspace-fixture.js';
import { WorkspaceRoot } from './workspace-root.js';

let scratch: Scratch;
let root: WorkspaceRoot;
const open = (path: string, roots: string[], refuse: string[] = []) => WorkspaceRoot.open(path, { roots, refuse });
const fails = (code: string) => expect.objectContaining({ code: `workspace.${code}` });

beforeEach(async () => {
  scratch = new Scratch();
  root = await open(scratch.path, [scratch.base]);
});
afterEach(() => scratch[Symbol.dispose]());

describe('opening a workspace', () => {
  test('its path is the real one', async () => {
    symlinkSync(scratch.path, `${scratch.base}/alias`);
    expect((await open(`${scratch.base}/alias`, [`${scratch.base}/alias`])).path).toBe(scratch.path);
  });

  test('a link inside a root does not lead out of it', async () => {
    symlinkSync(scratch.outside, scratch.at('out'));
    await expect(open(scratch.at('out'), [scratch.path])).rejects.toEqual(fails('outside_roots'));
    await expect(open(`${scratch.path}/../outside`, [scratch.path])).rejects.toEqual(fails('outside_roots'));
  });

  test('outside the roots nobody learns what exists', async () => {
    await expect(open('/etc', [scratch.base, '/srv/work'])).rejects.toThrow(
      `"/etc" does not lie below any of the workspace roots (${scratch.base}, /srv/work)`,
    );
    await expect(open('/etc', [])).rejects.toThrow('workspace roots (none is set)');
    await expect(open('/etc', [scratch.base])).rejects.toEqual(fails('outside_roots'));
    await expect(open('/no/such/folder', [scratch.base])).rejects.toEqual(fails('outside_roots'));
  });

  test('the data folder, its parents and what is in it are refused, also by another name and before it exists', async () => {
    const data = `${scratch.base}/data`;
    await expect(open(scratch.base, [scratch.base], [data])).rejects.toEqual(fails('refused'));
    mkdirSync(`${data}/blobs`, { recursive: true });
    symlinkSync(data, `${scratch.base}/alias`);
    for (const path of [data, `${data}/blobs`, `${scratch.base}/alias`, scratch.base]) {
      await expect(open(path, [scratch.base], [`${scratch.base}/alias`])).rejects.toEqual(fails('refused'));
    }
    await expect(open('/', ['/'])).rejects.toEqual(fails('refused'));
  });

  test('a missing folder, a file and a relative path are not workspaces', async () => {
    writeFileSync(scratch.at('file'), '');
    await expect(open(scratch.at('missing'), [scratch.base])).rejects.toEqual(fails('not_found'));
    await expect(open(scratch.at('file'), [scratch.base])).rejects.toEqual(fails('not_found'));
    await expect(open('workspace', [scratch.base])).rejects.toEqual(fails('outside_roots'));
  });
});

describe('reading', () => {
  test('returns the bytes up to the limit', async () => {
    writeFileSync(scratch.at('exact'), Buffer.alloc(100_000, 7));
    const bytes = await root.read('exact', { limitBytes: 100_000 });
    expect(bytes.equals(Buffer.alloc(100_000, 7))).toBe(true);
    await expect(root.read('exact', { limitBytes: 99_999 })).rejects.toEqual(fails('too_large'));
  });

  test('names with a newline, a leading dash or a backslash are names', async () => {
    for (const name of ['line\nbreak', '-rf', 'back\\slash']) {
      await root.write(name, Buffer.from(name));
      expect(readFileSync(scratch.at(name), 'utf8')).toBe(name);
      expect((await root.read(name, { limitBytes: 100 })).toString()).toBe(name);
    }
  });

  test('links, folders, hard links and what is missing are refused', async () => {
    writeFileSync(`${scratch.outside}/secret`, 'secret');
    symlinkSync(`${scratch.outside}/secret`, scratch.at('link'));
    symlinkSync(scratch.outside, scratch.at('out'));
    linkSync(`${scratch.outside}/secret`, scratch.at('hard'));
    mkdirSync(scratch.at('dir'));
    const read = (path: string) => root.read(path, { limitBytes: 100 });
    await expect(read('link')).rejects.toEqual(fails('symlink_refused'));
    await expect(read('out/secret')).rejects.toEqual(fails('symlink_refused'));
    await expect(read('hard')).rejects.toEqual(fails('hard_link'));
    await expect(read('dir')).rejects.toEqual(fails('not_a_file'));
    await expect(read('missing')).rejects.toEqual(fails('path_not_found'));
    await expect(read('hard/below')).rejects.toEqual(fails('not_a_directory'));
    await expect(read('../outside/secret')).rejects.toEqual(fails('path_invalid'));
  });

  test('a FIFO is refused without waiting for a writer', async () => {
    execFileSync('mkfifo', [scratch.at('fifo')]);
    await expect(root.read('fifo', { limitBytes: 100 })).rejects.toEqual(fails('not_a_file'));
    expect(await root.stat('fifo')).toMatchObject({ type: 'special' });
  });
});

describe('writing', () => {
  test('creates parents, keeps the mode of what it replaces, and leaves nothing behind', async () => {
    await root.write('a/b/c.txt', Buffer.from('one'));
    expect(statSync(scratch.at('a/b/c.txt')).mode & 0o7777).toBe(0o644);
    chmodSync(scratch.at('a/b/c.txt'), 0o400);
    await root.write('a/b/c.txt', Buffer.from('two'));
    expect(statSync(scratch.at('a/b/c.txt')).mode & 0o7777).toBe(0o400);
    await root.write('a/b/c.txt', Buffer.alloc(3_000_000, 1), { mode: 0o750 });
    expect(await root.stat('a/b/c.txt')).toEqual({ path: 'a/b/c.txt', type: 'file', size: 3_000_000, mode: 0o750 });
    expect(readdirSync(scratch.at('a/b'))).toEqual(['c.txt']);
  });

  test('a hard link to the outside is replaced, not written through', async () => {
    writeFileSync(`${scratch.outside}/theirs`, 'theirs');
    linkSync(`${scratch.outside}/theirs`, scratch.at('hard'));
    await root.write('hard', Buffer.from('ours'));
    expect(readFileSync(`${scratch.outside}/theirs`, 'utf8')).toBe('theirs');
    expect(readFileSync(scratch.at('hard'), 'utf8')).toBe('ours');
  });

  test('links and folders are refused and nothing outside appears', async () => {
    symlinkSync(`${scratch.outside}/new`, scratch.at('dangling'));
    symlinkSync(scratch.outside, scratch.at('out'));
    mkdirSync(scratch.at('dir'));
    const write = (path: string) => root.write(path, Buffer.from('x'));
    await expect(write('dangling')).rejects.toEqual(fails('symlink_refused'));
    await expect(write('out/new')).rejects.toEqual(fails('symlink_refused'));
    await expect(write('out/deep/new')).rejects.toEqual(fails('symlink_refused'));
    await expect(write('dir')).rejects.toEqual(fails('not_a_file'));
    expect(readdirSync(scratch.outside)).toEqual([]);
    expect(readdirSync(scratch.path).sort()).toEqual(['dangling', 'dir', 'out']);
  });

  test('what is created belongs to the owner of the workspace', async () => {
    // Only root can give a folder away; anybody else is the owner.
    if (process.geteuid?.() === 0) chownSync(scratch.path, 1234, 2345);
    const { uid, gid } = lstatSync(scratch.path);
    await root.write('a/b', Buffer.from('x'));
    for (const path of ['a', 'a/b']) expect(lstatSync(scratch.at(path))).toMatchObject({ uid, gid });
  });
});

describe('listing and removing', () => {
  test('lists parents before children without following links', async () => {
    await root.write('b/x', Buffer.from('xy'));
    await root.write('.hidden', Buffer.from(''));
    symlinkSync(scratch.outside, scratch.at('out'));
    writeFileSync(`${scratch.outside}/secret`, '');
    const paths = async (path: string, options = {}) => (await root.list(path, options)).map((entry) => entry.path);
    expect(await paths('.')).toEqual(['.hidden', 'b', 'out']);
    expect(await paths('.', { recursive: true })).toEqual(['.hidden', 'b', 'b/x', 'out']);
    expect(await paths('.', { recursive: true, limit: 3 })).toEqual(['.hidden', 'b', 'b/x']);
    expect(await root.list('b')).toEqual([{ path: 'b/x', type: 'file', size: 2, mode: 0o644 }]);
    await expect(root.list('out')).rejects.toEqual(fails('symlink_refused'));
    await expect(root.list('.hidden')).rejects.toEqual(fails('not_a_directory'));
    await expect(root.list('none')).rejects.toEqual(fails('path_not_found'));
  });

  test('a name that is not UTF-8 is refused by what can be read of it', async () => {
    writeFileSync(Buffer.concat([Buffer.from(scratch.at('bad')), Buffer.from([0xff])]), '');
    await expect(root.list('.')).rejects.toThrow('"badÿ"');
    await expect(root.list('.')).rejects.toEqual(fails('name_not_utf8'));
  });

  test('removes a link and never its target', async () => {
    writeFileSync(`${scratch.outside}/kept`, '');
    symlinkSync(scratch.outside, scratch.at('out'));
    await expect(root.remove('out/kept')).rejects.toEqual(fails('symlink_refused'));
    await root.remove('out', { recursive: true });
    expect(existsSync(scratch.at('out'))).toBe(false);
    expect(existsSync(`${scratch.outside}/kept`)).toBe(true);
  });

  test('a folder with content needs the word recursive; links inside are not followed', async () => {
    await root.write('d/e/f', Buffer.from(''));
    writeFileSync(`${scratch.outside}/kept`, '');
    symlinkSync(scratch.outside, scratch.at('d/e/out'));
    await expect(root.remove('d')).rejects.toEqual(fails('not_empty'));
    await root.remove('d', { recursive: true });
    await expect(root.remove('d')).rejects.toEqual(fails('path_not_found'));
    await expect(root.remove('.')).rejects.toEqual(fails('path_invalid'));
    expect(existsSync(`${scratch.outside}/kept`)).toBe(true);
  });

  test('a tree deeper than any path can name is removed', async () => {
    const { path } = scratch;
    // Built from the inside out, because no single path reaches the bottom.
    mkdirSync(`${path}/tree`);
    for (let level = 0; level < 300; level += 1) {
      mkdirSync(`${path}/next`);
      renameSync(`${path}/tree`, `${path}/next/${'n'.repeat(100)}`);
      renameSync(`${path}/next`, `${path}/tree`);
    }
    await root.remove('tree', { recursive: true });
    expect(readdirSync(path)).toEqual([]);
  });
});

describe('a folder swapped for a link between check and use', () => {
  /** Swaps `inner` and a link to the outside as fast as it can; an `inner` that a write made in between goes away. */
  const swapper = `
    const { renameSync, rmSync } = require('node:fs');
    const { parentPort, workerData } = require('node:worker_threads');
    const stop = new Int32Array(workerData.stop);
    const { real, link, name } = workerData;
    const becomeInner = (what) => {
      for (;;) {
        try { return renameSync(what, name); } catch {}
        try { rmSync(name, { recursive: true, force: true }); } catch {}
      }
    };
    renameSync(name, real);
    parentPort.postMessage('swapping');
    while (Atomics.load(stop, 0) === 0) {
      becomeInner(link); renameSync(name, link);
      becomeInner(real); renameSync(name, real);
    }
  `;

  test('nothing outside is read, written or removed', async () => {
    mkdirSync(scratch.at('inner'));
    writeFileSync(scratch.at('inner/file'), 'inside');
    writeFileSync(`${scratch.outside}/file`, 'outside');
    symlinkSync(scratch.outside, scratch.at('link'));
    const stop = new SharedArrayBuffer(4);
    const workerData = { stop, real: scratch.at('real'), link: scratch.at('link'), name: scratch.at('inner') };
    const worker = new Worker(swapper, { eval: true, workerData });
    await new Promise((resolve) => worker.once('message', resolve));
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    const seen = new Set<string>();
    const note = (error: unknown) => void seen.add((error as { code: string }).code);
    for (let round = 0; round < 1_500; round += 1) {
      await root.read('inner/file', { limitBytes: 100 }).then((bytes) => void seen.add(bytes.toString()), note);
      await root.list('inner').then((entries) => void seen.add(entries[0]?.path ?? 'empty'), note);
      if (round % 10 === 0) await root.write('inner/written', Buffer.from('x')).catch(note);
      await root.remove('inner/written').catch(note);
    }
    Atomics.store(new Int32Array(stop), 0, 1);
    await ended;
    expect(seen).not.toContain('outside');
    // Otherwise the race was never run.
    expect(seen).toContain('inside');
    expect(seen).toContain('workspace.symlink_refused');
    expect(readdirSync(scratch.outside)).toEqual(['file']);
    expect(readFileSync(`${scratch.outside}/file`, 'utf8')).toBe('outside');
    rmSync(scratch.at('link'));
  });
});

describe('inside a database transaction', () => {
  const inside = (work: () => Promise<unknown>) => runInTransaction((transaction) => transaction(work));

  test.each<[string, () => Promise<unknown>]>([
    ['opened', () => open(scratch.path, [scratch.base])],
    ['listed', () => root.list('.')],
    ['asked for a file', () => root.stat('.')],
    ['read', () => root.read('a', { limitBytes: 1 })],
    ['written to', () => root.write('a', Buffer.from('a'))],
    ['cleared', () => root.remove('a')],
  ])('a workspace is not %s', async (_, use) => {
    await expect(inside(use)).rejects.toMatchObject({ code: 'transaction.io_inside' });
    expect(readdirSync(scratch.path)).toEqual([]);
  });
});
