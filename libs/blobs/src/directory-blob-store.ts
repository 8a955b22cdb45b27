import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline, type Readable, Transform } from 'node:stream';
import { assertOutsideTransaction, isDigest, sha256, uuidv7 } from '#kernel';
import { blobCorrupt, blobNameInvalid, blobNotFound } from './blob.errors.js';
import type { BlobRef, BlobStore } from './blob-store.js';

/** No dot and no slash: neither the incoming folder nor anything outside the root can be named. */
const TEAM = /^[a-z0-9][a-z0-9-]{0,63}$/;
const INCOMING = '.incoming';
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const HOUR_MS = 3_600_000;

export interface DirectoryBlobStoreOptions {
  /** An incoming file nobody has written to for so long belongs to a process that died. */
  strayAfterMs?: number;
}

/**
 * Blobs as files: `<root>/<team>/<first two hex digits>/<the other 62>`. Bytes are written and synced under
 * `<root>/<team>/.incoming/` and renamed into place, so whatever has a digest for a name is whole, and two writers of
 * the same bytes replace each other's file by an equal one. Several processes may share a root.
 */
export class DirectoryBlobStore implements BlobStore {
  /** Directories whose own entry is known to be on disk. */
  private readonly durableDirectories = new Map<string, Promise<void>>();

  private constructor(private readonly root: string) {}

  /** Opens a store, makes its folder (0700) and removes what dead writers left behind. */
  static async open(root: string, options: DirectoryBlobStoreOptions = {}): Promise<DirectoryBlobStore> {
    const store = new DirectoryBlobStore(resolve(root));
    await mkdir(store.root, { recursive: true, mode: DIRECTORY_MODE });
    await store.sweep(options.strayAfterMs ?? HOUR_MS);
    return store;
  }

  async put(team: string, bytes: Uint8Array | Readable): Promise<BlobRef> {
    const folder = this.teamFolder(team);
    if (!ArrayBuffer.isView(bytes)) return this.putStream(folder, bytes);
    const ref = { digest: sha256(bytes), size: bytes.byteLength };
    if (await this.holds(folder, ref)) return ref;
    await this.writeIncoming(folder, async (file, path) => {
      await file.writeFile(bytes);
      await this.moveIntoPlace(file, path, blobPath(folder, ref.digest));
    });
    return ref;
  }

  async get(team: string, digest: string): Promise<Buffer> {
    const path = this.pathOf(team, digest);
    const bytes = await readFile(path).catch(orMissing(null));
    if (bytes === null) throw blobNotFound(digest);
    if (sha256(bytes) !== digest) throw blobCorrupt(digest);
    return bytes;
  }

  async open(team: string, digest: string): Promise<Readable> {
    const file = await open(this.pathOf(team, digest), 'r').catch(orMissing(null));
    if (file === null) throw blobNotFound(digest);
    return verified(file, digest);
  }

  async stat(team: string, digest: string): Promise<{ size: number } | null> {
    const found = await stat(this.pathOf(team, digest)).catch(orMissing(null));
    return found && { size: found.size };
  }

  async delete(team: string, digest: string): Promise<void> {
    const path = this.pathOf(team, digest);
    const removed = await unlink(path).then(() => true, orMissing(false));
    if (removed) await syncDirectory(dirname(path));
  }

  /** Every use passes here. */
  private teamFolder(team: string): string {
    assertOutsideTransaction('a blob');
    if (typeof team !== 'string' || !TEAM.test(team)) throw blobNameInvalid('team');
    return join(this.root, team);
  }

  private pathOf(team: string, digest: string): string {
    const folder = this.teamFolder(team);
    if (!isDigest(digest)) throw blobNameInvalid('digest');
    return blobPath(folder, digest);
  }

  private async putStream(folder: string, bytes: Readable): Promise<BlobRef> {
    return this.writeIncoming(folder, async (file, incoming) => {
      const hash = createHash('sha256');
      let size = 0;
      for await (const chunk of bytes as AsyncIterable<Uint8Array | string>) {
        const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        hash.update(part);
        size += part.byteLength;
        await file.appendFile(part);
      }
      const ref = { digest: `sha256:${hash.digest('hex')}`, size };
      if (!(await this.holds(folder, ref))) await this.moveIntoPlace(file, incoming, blobPath(folder, ref.digest));
      return ref;
    });
  }

  /** Whether the bytes are there, whole and durable. A file of another size was damaged; putting replaces it. */
  private async holds(folder: string, { digest, size }: BlobRef): Promise<boolean> {
    const path = blobPath(folder, digest);
    const found = await stat(path).catch(orMissing(null));
    if (found?.size !== size) return false;
    // Another writer may have renamed the file a moment ago and not yet synced its folder.
    await this.ensureDirectory(dirname(path));
    await syncDirectory(dirname(path));
    return true;
  }

  /** Hands out a new file in the incoming folder; whatever of it is left afterwards is removed. */
  private async writeIncoming<T>(folder: string, write: (file: FileHandle, path: string) => Promise<T>): Promise<T> {
    await this.ensureDirectory(join(folder, INCOMING));
    const path = join(folder, INCOMING, uuidv7());
    const file = await open(path, 'wx', FILE_MODE);
    try {
      return await write(file, path);
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
  }

  private async moveIntoPlace(file: FileHandle, incoming: string, path: string): Promise<void> {
    await file.sync();
    await this.ensureDirectory(dirname(path));
    await rename(incoming, path);
    await syncDirectory(dirname(path));
  }

  /** Makes a folder below the root and syncs the parents of every level, once per process. */
  private ensureDirectory(path: string): Promise<void> {
    const known = this.durableDirectories.get(path);
    if (known) return known;
    const made = this.makeDirectory(path);
    this.durableDirectories.set(path, made);
    made.catch(() => this.durableDirectories.delete(path));
    return made;
  }

  private async makeDirectory(path: string): Promise<void> {
    if (path === this.root) return;
    await this.ensureDirectory(dirname(path));
    await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
    await syncDirectory(dirname(path));
  }

  private async sweep(strayAfterMs: number): Promise<void> {
    const strayBefore = Date.now() - strayAfterMs;
    for (const team of await readdir(this.root)) {
      const incoming = join(this.root, team, INCOMING);
      for (const name of await readdir(incoming).catch(orMissing<string[]>([]))) {
        const path = join(incoming, name);
        const found = await stat(path).catch(orMissing(null));
        if (found && found.mtimeMs < strayBefore) await rm(path, { force: true });
      }
    }
  }
}

const blobPath = (folder: string, digest: string): string => {
  const hex = digest.slice('sha256:'.length);
  return join(folder, hex.slice(0, 2), hex.slice(2));
};

/** For `catch`: nothing is there. Every other failure of the disk goes on. */
const orMissing =
  <T>(value: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return value;
    throw error;
  };

/** A rename, a new name or a removal survives a crash of the machine once the folder that holds it is synced. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The file's bytes, failing at the end when they are not the digest's. Destroying the stream closes the file. */
function verified(file: FileHandle, digest: string): Readable {
  const hash = createHash('sha256');
  const verify = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      done(`sha256:${hash.digest('hex')}` === digest ? null : blobCorrupt(digest));
    },
  });
  // Failures reach the reader through the returned stream.
  return pipeline(file.createReadStream(), verify, () => undefined);
}
