import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runInTransaction, sha256 } from '#kernel';
import { DirectoryBlobStore } from './directory-blob-store.js';

const TEAM = '0190a1bc-0000-7000-8000-000000000001';
const OTHER_TEAM = '0190a1bc-0000-7000-8000-000000000002';
const HELLO = Buffer.from('hello');
const HELLO_DIGEST = 'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
const HELLO_FILE = join(TEAM, '2c', 'f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');

let root: string;
let store: DirectoryBlobStore;

beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'blobs-')), 'store');
  store = await DirectoryBlobStore.open(root);
});
afterEach(() => rm(join(root, '..'), { recursive: true, force: true }));

/** Every file below the root, incoming ones too. */
const files = async (): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
};
const code = (expected: string) => expect.objectContaining({ code: expected });
const modeOf = async (path: string) => (await stat(join(root, path))).mode & 0o777;

describe('putting and getting', () => {
  it('bytes come back under their digest', async () => {
    expect(await store.put(TEAM, HELLO)).toEqual({ digest: HELLO_DIGEST, size: 5 });
    expect(await store.get(TEAM, HELLO_DIGEST)).toEqual(HELLO);
    expect(await buffer(await store.open(TEAM, HELLO_DIGEST))).toEqual(HELLO);
    expect(await store.stat(TEAM, HELLO_DIGEST)).toEqual({ size: 5 });
    expect(await files()).toEqual([HELLO_FILE]);
  });

  it('no bytes at all are a blob', async () => {
    const { digest, size } = await store.put(TEAM, new Uint8Array());
    expect({ digest, size }).toEqual({ digest: sha256(''), size: 0 });
    expect(await store.get(TEAM, digest)).toHaveLength(0);
    expect(await buffer(await store.open(TEAM, digest))).toHaveLength(0);
  });

  it('a stream gets the digest of all its chunks', async () => {
    const chunks = Array.from({ length: 50 }, (_, index) => Buffer.alloc(40_000, index));
    const whole = Buffer.concat(chunks);
    const ref = await store.put(TEAM, Readable.from(chunks));
    expect(ref).toEqual({ digest: sha256(whole), size: whole.length });
    expect((await buffer(await store.open(TEAM, ref.digest))).equals(whole)).toBe(true);
    expect(await store.put(TEAM, Readable.from(['hel', 'lo']))).toEqual({ digest: HELLO_DIGEST, size: 5 });
  });

  it('survives its process: another store on the folder has the same blobs', async () => {
    await store.put(TEAM, HELLO);
    expect(await (await DirectoryBlobStore.open(root)).get(TEAM, HELLO_DIGEST)).toEqual(HELLO);
  });

  it('only the owner of the process may read', async () => {
    await store.put(TEAM, HELLO);
    expect(await modeOf('')).toBe(0o700);
    expect(await modeOf(TEAM)).toBe(0o700);
    expect(await modeOf(join(TEAM, '2c'))).toBe(0o700);
    expect(await modeOf(HELLO_FILE)).toBe(0o600);
  });

  it('what one team has does not exist for another', async () => {
    await store.put(TEAM, HELLO);
    expect(await store.stat(OTHER_TEAM, HELLO_DIGEST)).toBeNull();
    await expect(store.get(OTHER_TEAM, HELLO_DIGEST)).rejects.toThrow(code('blob.not_found'));
    await store.put(OTHER_TEAM, HELLO);
    await store.delete(TEAM, HELLO_DIGEST);
    expect(await store.get(OTHER_TEAM, HELLO_DIGEST)).toEqual(HELLO);
  });

  it('the same bytes again write nothing', async () => {
    await store.put(TEAM, HELLO);
    const before = await stat(join(root, HELLO_FILE));
    await store.put(TEAM, HELLO);
    await store.put(TEAM, Readable.from([HELLO]));
    const after = await stat(join(root, HELLO_FILE));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
    expect(await files()).toEqual([HELLO_FILE]);
  });

  it('many writers of the same bytes leave one whole file', async () => {
    const bytes = Buffer.alloc(300_000, 'x');
    const stores = await Promise.all([1, 2].map(() => DirectoryBlobStore.open(root)));
    const puts = Array.from({ length: 24 }, (_, index) =>
      stores[index % 2]!.put(TEAM, index % 3 === 0 ? Readable.from([bytes]) : bytes),
    );
    const refs = await Promise.all(puts);
    expect(new Set(refs.map((ref) => ref.digest))).toEqual(new Set([sha256(bytes)]));
    expect(await files()).toHaveLength(1);
    expect((await store.get(TEAM, sha256(bytes))).equals(bytes)).toBe(true);
  });

  it('a deleted blob is gone, and deleting it again is no error', async () => {
    await store.put(TEAM, HELLO);
    await store.delete(TEAM, HELLO_DIGEST);
    await store.delete(TEAM, HELLO_DIGEST);
    expect(await store.stat(TEAM, HELLO_DIGEST)).toBeNull();
    await expect(store.open(TEAM, HELLO_DIGEST)).rejects.toThrow(code('blob.not_found'));
    await store.put(TEAM, HELLO);
    expect(await store.get(TEAM, HELLO_DIGEST)).toEqual(HELLO);
  });
});

describe('inside a database transaction', () => {
  const inside = (work: () => Promise<unknown>) => runInTransaction((transaction) => transaction(work));

  it.each<[string, () => Promise<unknown>]>([
    ['put', () => store.put(TEAM, HELLO)],
    ['put of a stream', () => store.put(TEAM, Readable.from([HELLO]))],
    ['get', () => store.get(TEAM, HELLO_DIGEST)],
    ['open', () => store.open(TEAM, HELLO_DIGEST)],
    ['stat', () => store.stat(TEAM, HELLO_DIGEST)],
    ['delete', () => store.delete(TEAM, HELLO_DIGEST)],
  ])('%s is refused before it touches a file', async (_, use) => {
    await expect(inside(use)).rejects.toThrow(code('transaction.io_inside'));
    expect(await files()).toEqual([]);
  });
});

describe('a writer that stops half-way', () => {
  const startPut = async () => {
    const source = new PassThrough();
    const put = store.put(TEAM, source);
    put.catch(() => undefined);
    source.write(HELLO);
    const deadline = Date.now() + 10_000;
    while ((await incoming()).length === 0 || (await sizeOfFirst()) < HELLO.length) {
      if (Date.now() > deadline) throw new Error('the put never wrote its first chunk');
      await new Promise(setImmediate);
    }
    return { source, put };
  };
  const incoming = () => readdir(join(root, TEAM, '.incoming')).catch(() => []);
  const sizeOfFirst = async () => (await stat(join(root, TEAM, '.incoming', (await incoming())[0]!))).size;

  it('shows nothing under any digest before the last byte', async () => {
    const { source, put } = await startPut();
    expect((await files()).every((file) => file.includes('.incoming'))).toBe(true);
    expect(await store.stat(TEAM, HELLO_DIGEST)).toBeNull();
    source.end();
    expect((await put).digest).toBe(HELLO_DIGEST);
    expect(await files()).toEqual([HELLO_FILE]);
  });

  it('leaves nothing when its source fails', async () => {
    const { source, put } = await startPut();
    source.destroy(new Error('connection lost'));
    await expect(put).rejects.toThrow('connection lost');
    expect(await files()).toEqual([]);
  });

  it('is swept by the next open once it is stale, and not while it writes', async () => {
    const { source, put } = await startPut();
    const dead = join(root, TEAM, '.incoming', 'dead');
    await writeFile(dead, 'half');
    await utimes(dead, 0, 0);
    await writeFile(join(root, 'a file that is no team'), '');
    await DirectoryBlobStore.open(root);
    expect(await incoming()).not.toContain('dead');
    source.end();
    expect((await put).digest).toBe(HELLO_DIGEST);
  });
});

describe('a damaged file', () => {
  const open = async () => buffer(await store.open(TEAM, HELLO_DIGEST));

  it('is refused, whole and as a stream', async () => {
    await store.put(TEAM, HELLO);
    await writeFile(join(root, HELLO_FILE), 'jello');
    await expect(store.get(TEAM, HELLO_DIGEST)).rejects.toThrow(code('blob.corrupt'));
    await expect(open()).rejects.toThrow(code('blob.corrupt'));
  });

  it('cut short is refused, and putting the bytes again mends it', async () => {
    await store.put(TEAM, HELLO);
    await truncate(join(root, HELLO_FILE), 3);
    await expect(store.get(TEAM, HELLO_DIGEST)).rejects.toThrow(code('blob.corrupt'));
    await store.put(TEAM, HELLO);
    expect(await open()).toEqual(HELLO);
  });

  it('a reader that turns away closes the file', async () => {
    await store.put(TEAM, Buffer.alloc(1_000_000));
    const stream = await store.open(TEAM, sha256(Buffer.alloc(1_000_000)));
    const closed = once(stream, 'close');
    stream.destroy();
    await closed;
    expect(await openFiles()).toEqual([]);
  });

  const openFiles = async () => {
    const descriptors = await readdir('/proc/self/fd');
    const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    return targets.filter((target) => target.startsWith(root));
  };
});

describe('names that could leave the folder', () => {
  const digestLike = `sha256:${'../'.repeat(21)}a`;

  it.each(['', '.', '..', '../x', 'a/b', '/etc', 'a\0', '.incoming', 'A', 'a.b', 'x'.repeat(65), null, ['a']])(
    'the team %j',
    async (team) => {
      const name = team as string;
      await expect(store.put(name, HELLO)).rejects.toThrow(code('blob.name_invalid'));
      await expect(store.put(name, Readable.from([HELLO]))).rejects.toThrow(code('blob.name_invalid'));
      await expect(store.get(name, HELLO_DIGEST)).rejects.toThrow(code('blob.name_invalid'));
      await expect(store.open(name, HELLO_DIGEST)).rejects.toThrow(code('blob.name_invalid'));
      await expect(store.stat(name, HELLO_DIGEST)).rejects.toThrow(code('blob.name_invalid'));
      await expect(store.delete(name, HELLO_DIGEST)).rejects.toThrow(code('blob.name_invalid'));
      expect(await files()).toEqual([]);
    },
  );

  it.each(['', 'sha256:', digestLike, HELLO_DIGEST.toUpperCase(), HELLO_DIGEST.slice(7), `${HELLO_DIGEST}/..`, null])(
    'the digest %j',
    async (digest) => {
      const outside = join(root, '..', 'outside');
      await mkdir(outside);
      await writeFile(join(outside, 'a'), 'precious');
      const name = digest as string;
      await expect(store.get(TEAM, name)).rejects.toThrow(code('blob.name_invalid'));
      await expect(store.open(TEAM, name)).rejects.toThrow(code('blob.name_invalid'));
      await expect(store.stat(TEAM, name)).rejects.toThrow(code('blob.name_invalid'));
      await expect(store.delete(TEAM, name)).rejects.toThrow(code('blob.name_invalid'));
      expect(await readFile(join(outside, 'a'), 'utf8')).toBe('precious');
    },
  );
});
