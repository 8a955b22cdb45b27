import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '#kernel';
import { MapBlobs, roomy, Scratch } from '../test/workspace-fixture.js';
import { typeOf } from './directory.js';
import { diffManifests, manifestOf } from './manifest.rules.js';
import { WorkspaceHold } from './workspace-hold.js';
import { WorkspaceRoot } from './workspace-root.js';
import type { WorkspaceLimits } from './workspace-scan.js';

let scratch: Scratch;
let root: WorkspaceRoot;
let blobs: MapBlobs;
let hold: WorkspaceHold;
const holdWith = (limits: Partial<WorkspaceLimits>) => new WorkspaceHold(root, blobs, { ...roomy, ...limits });
const fails = (code: string, path: string) => expect.objectContaining({ code: `workspace.${code}`, details: { path } });
const bothRefuse = async (code: string, path: string, by = hold) => {
  await expect(by.take()).rejects.toEqual(fails(code, path));
  await expect(by.observe()).rejects.toEqual(fails(code, path));
};

beforeEach(async () => {
  scratch = new Scratch();
  root = await WorkspaceRoot.open(scratch.path, { roots: [scratch.base], refuse: [] });
  blobs = new MapBlobs();
  hold = new WorkspaceHold(root, blobs, roomy);
});
afterEach(() => scratch[Symbol.dispose]());

describe('a hold is taken', () => {
  test('of everything: ignored and dot files, empty folders, nested repositories, odd names, links as they are', async () => {
    mkdirSync(scratch.at('nested/.git'), { recursive: true });
    mkdirSync(scratch.at('empty'), { mode: 0o700 });
    writeFileSync(scratch.at('.gitignore'), '*');
    writeFileSync(scratch.at('nested/.git/HEAD'), 'ref', { mode: 0o600 });
    writeFileSync(scratch.at('-n\new'), '');
    writeFileSync(scratch.at('ok\uFFFD'), 'x');
    symlinkSync('/etc/passwd', scratch.at('out'));
    const manifest = await hold.take();
    const file = (path: string, content: string, mode = 0o644) => ({
      path,
      type: 'file',
      mode,
      size: content.length,
      sha256: sha256(content),
    });
    expect(manifest.entries).toEqual([
      file('-n\new', ''),
      file('.gitignore', '*'),
      { path: 'empty', type: 'directory', mode: 0o700 },
      { path: 'nested', type: 'directory', mode: 0o755 },
      { path: 'nested/.git', type: 'directory', mode: 0o755 },
      file('nested/.git/HEAD', 'ref', 0o600),
      file('ok\uFFFD', 'x'),
      { path: 'out', type: 'symlink', mode: 0o777, target: '/etc/passwd' },
    ]);
    expect(manifest).toEqual(manifestOf(manifest.entries));
    expect([...blobs.bytes.values()].map(String).sort()).toEqual(['', '*', 'ref', 'x']);
  });

  test('without changing the folder', async () => {
    mkdirSync(scratch.at('d'));
    writeFileSync(scratch.at('d/x'), 'x');
    const stats = () => ['', 'd', 'd/x'].map((path) => lstatSync(scratch.at(path), { bigint: true }).ctimeNs);
    const before = stats();
    await hold.take();
    expect(stats()).toEqual(before);
  });

  test('and content that is already stored is not stored again', async () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(scratch.at(name), 'same');
    await hold.take();
    expect(blobs.puts).toBe(1);
    writeFileSync(scratch.at('d'), 'other');
    await hold.take();
    expect(blobs.puts).toBe(2);
    const elsewhere = new MapBlobs();
    await elsewhere.put(Buffer.from('same'));
    await new WorkspaceHold(root, elsewhere, roomy).take();
    expect([...elsewhere.bytes.values()].map(String)).toEqual(['same', 'other']);
    expect(elsewhere.puts).toBe(2);
  });

  test('and an observation stores nothing', async () => {
    writeFileSync(scratch.at('a'), 'a');
    const { digest } = await hold.observe();
    expect(blobs.puts).toBe(0);
    expect((await hold.take()).digest).toBe(digest);
  });

  test('a store that is full ends it, the folder is as it was, and it can be taken later', async () => {
    for (let i = 0; i < 40; i += 1) writeFileSync(scratch.at(`f${i}`), `${i}`);
    const { put } = blobs;
    blobs.put = async function (this: MapBlobs, bytes) {
      if (this.puts >= 7) throw Object.assign(new Error('no space left'), { code: 'ENOSPC', syscall: 'write' });
      return put.call(this, bytes);
    };
    const { digest } = await hold.observe();
    await expect(hold.take()).rejects.toMatchObject({
      code: 'workspace.not_stored',
      retryable: true,
      cause: { code: 'ENOSPC' },
    });
    expect((await hold.observe()).digest).toBe(digest);
    blobs.put = put;
    expect((await hold.take()).digest).toBe(digest);
    expect(blobs.bytes.size).toBe(40);
  });
});

describe('a scan sees', () => {
  test('other bytes of the same size with the same mtime', async () => {
    writeFileSync(scratch.at('x'), 'one');
    const { atime, mtime } = statSync(scratch.at('x'));
    const before = await hold.take();
    await hold.observe();
    writeFileSync(scratch.at('x'), 'two');
    utimesSync(scratch.at('x'), atime, mtime);
    expect(statSync(scratch.at('x')).mtimeMs).toBe(mtime.getTime());
    expect(diffManifests(before, await hold.observe())).toMatchObject([{ path: 'x', change: 'modified' }]);
  });

  test('every one of many changes within one tick of the clock', async () => {
    writeFileSync(scratch.at('x'), '000');
    const { atime, mtime } = statSync(scratch.at('x'));
    for (let round = 100; round < 300; round += 1) {
      writeFileSync(scratch.at('x'), `${round}`);
      utimesSync(scratch.at('x'), atime, mtime);
      expect((await hold.observe()).entries[0]).toMatchObject({ sha256: sha256(`${round}`) });
    }
  });

  test('a file moved over another of the same size, long after both were written', async () => {
    const old = new Date('2020-01-01T00:00:00Z');
    for (const name of ['x', 'y']) {
      writeFileSync(scratch.at(name), name);
      utimesSync(scratch.at(name), old, old);
    }
    await hold.observe();
    renameSync(scratch.at('y'), scratch.at('x'));
    expect((await hold.observe()).entries).toMatchObject([{ path: 'x', sha256: sha256('y') }]);
  });

  test('a change of mode, of target and of type', async () => {
    writeFileSync(scratch.at('m'), '');
    symlinkSync('a', scratch.at('t'));
    mkdirSync(scratch.at('y'));
    const before = await hold.observe();
    chmodSync(scratch.at('m'), 0o4755);
    execFileSync('ln', ['-sfn', 'b', scratch.at('t')]);
    execFileSync('rmdir', [scratch.at('y')]);
    writeFileSync(scratch.at('y'), '');
    expect(diffManifests(before, await hold.observe())).toMatchObject([
      { path: 'm', after: { mode: 0o4755 } },
      { path: 't', after: { target: 'b' } },
      { path: 'y', before: { type: 'directory' }, after: { type: 'file' } },
    ]);
  });
});

describe('what cannot be held is refused by name', () => {
  test('a hard link', async () => {
    mkdirSync(scratch.at('d'));
    writeFileSync(`${scratch.outside}/theirs`, '');
    linkSync(`${scratch.outside}/theirs`, scratch.at('d/hard'));
    await bothRefuse('hard_link', 'd/hard');
  });

  test('a FIFO', async () => {
    execFileSync('mkfifo', [scratch.at('fifo')]);
    await bothRefuse('special_file', 'fifo');
  });

  test('a socket', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(scratch.at('socket'), resolve));
    try {
      await bothRefuse('special_file', 'socket');
    } finally {
      server.close();
    }
  });

  test('a device is told apart like them', () => {
    expect(typeOf(lstatSync('/dev/null', { bigint: true }))).toBe('special');
  });

  test('a name or a target that is not UTF-8', async () => {
    symlinkSync(Buffer.from([0x74, 0xff]), scratch.at('link'));
    await bothRefuse('name_not_utf8', 'link');
    unlinkSync(scratch.at('link'));
    writeFileSync(Buffer.concat([Buffer.from(scratch.at('bad')), Buffer.from([0xff])]), '');
    await bothRefuse('name_not_utf8', 'badÿ');
  });

  test('a huge sparse file, without reading it', async () => {
    writeFileSync(scratch.at('sparse'), '');
    truncateSync(scratch.at('sparse'), 2 ** 40);
    await bothRefuse('too_large', 'sparse');
  });

  test('too many bytes or too many entries', async () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(scratch.at(name), '12345');
    await bothRefuse('too_large', 'c', holdWith({ maxBytes: 14 }));
    await bothRefuse('too_many_files', 'c', holdWith({ maxFiles: 2 }));
    expect((await holdWith({ maxBytes: 15, maxFiles: 3, maxFileBytes: 5 }).take()).entries).toHaveLength(3);
  });

  test('a tree without end', async () => {
    mkdirSync(scratch.at(Array(150).fill('d').join('/')), { recursive: true });
    await bothRefuse('too_deep', Array(129).fill('d').join('/'));
  });
});

describe('a file that changes while it is read', () => {
  const size = 8 * 1024 * 1024;

  const append = () => appendFileSync(scratch.at('log'), '.');
  const overwrite = () => {
    const fd = openSync(scratch.at('log'), 'r+');
    writeSync(fd, 'x', 0);
    closeSync(fd);
  };

  /** Writes at every turn of the event loop until `work` has ended or `rounds` are over. */
  async function whileWriting<T>(write: () => void, rounds: number, work: Promise<T>): Promise<T> {
    let isOver = false;
    const result = work.finally(() => void (isOver = true));
    result.catch(() => undefined);
    for (let round = 0; round < rounds && !isOver; round += 1) {
      write();
      await setImmediate();
    }
    return result;
  }

  test.each([
    ['growing', append],
    ['keeping its size', overwrite],
  ])('for good, %s, is reported', async (_, write) => {
    writeFileSync(scratch.at('log'), Buffer.alloc(size));
    await expect(whileWriting(write, Infinity, hold.observe())).rejects.toEqual(fails('changing', 'log'));
  });

  test('for a moment is read again', async () => {
    writeFileSync(scratch.at('log'), Buffer.alloc(size));
    const manifest = await whileWriting(append, 3, hold.take());
    const bytes = readFileSync(scratch.at('log'));
    expect(bytes.length).toBeGreaterThan(size);
    expect(manifest.entries).toMatchObject([{ path: 'log', sha256: sha256(bytes), size: bytes.length }]);
    expect(blobs.bytes.get(sha256(bytes))?.equals(bytes)).toBe(true);
  });

  test('between being scanned and being stored is scanned again', async () => {
    writeFileSync(scratch.at('a'), 'old');
    const { has } = blobs;
    blobs.has = async function (this: MapBlobs, digest) {
      if (digest === sha256('old')) writeFileSync(scratch.at('a'), 'new');
      return has.call(this, digest);
    };
    expect((await hold.take()).entries).toMatchObject([{ sha256: sha256('new') }]);
    expect(readdirSync(scratch.path)).toEqual(['a']);
  });
});
