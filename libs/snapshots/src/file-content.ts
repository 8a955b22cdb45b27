import { createHash, hash, randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { closeSync, fchmodSync, fchownSync, fstatSync, fsync, read, readSync, write } from 'node:fs';
import { promisify } from 'node:util';
import type { Descriptor, Directory, Owner } from './directory.js';
import { temporaryNameFor } from './workspace-path.rules.js';

const readAsync = promisify(read);
const writeAsync = promisify(write);
const fsyncAsync = promisify(fsync);

/** Up to this size a file is read in one synchronous call; above it, off the event loop. */
const smallFileBytes = 64 * 1024;
const chunkBytes = 1024 * 1024;

/** What was read is not one state of the file or folder: it changed meanwhile. The reader may try again. */
export class ChangedWhileRead extends Error {
  constructor(readonly path: string) {
    super(`${JSON.stringify(path)} changed while it was read`);
  }
}

export const sameState = (a: BigIntStats, b: BigIntStats): boolean =>
  a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;

export const temporaryName = (): string => temporaryNameFor(randomUUID());

/** Shared by all synchronous reads; never held across an await. One byte more than is read shows a file that grew. */
const smallBuffer = Buffer.allocUnsafe(smallFileBytes + 1);

function readSmall(fd: number): Buffer {
  let length = 0;
  for (;;) {
    const count = readSync(fd, smallBuffer, length, smallBuffer.length - length, length);
    length += count;
    if (count === 0 || length === smallBuffer.length) return smallBuffer.subarray(0, length);
  }
}

/** Calls `take` with the file's bytes in order; the buffer is reused between calls. */
async function readLarge(fd: number, size: number, take: (bytes: Buffer) => void): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size + 1));
  let length = 0;
  while (length <= size) {
    const { bytesRead } = await readAsync(fd, buffer, 0, buffer.length, length);
    if (bytesRead === 0) break;
    take(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
  return length;
}

/**
 * `sha256:<hex>` of a regular file whose state is `expected`.
 * @throws ChangedWhileRead when the file is not in that state before and after every byte was read
 */
export async function digestFile(file: Descriptor, expected: BigIntStats, path: string): Promise<string> {
  const fd = file.openForReading();
  try {
    if (!sameState(fstatSync(fd, { bigint: true }), expected)) throw new ChangedWhileRead(path);
    let digest: string;
    let length: number;
    if (expected.size <= smallFileBytes) {
      const bytes = readSmall(fd);
      length = bytes.length;
      digest = hash('sha256', bytes, 'hex');
    } else {
      const hasher = createHash('sha256');
      length = await readLarge(fd, Number(expected.size), (bytes) => hasher.update(bytes));
      digest = hasher.digest('hex');
    }
    if (BigInt(length) !== expected.size) throw new ChangedWhileRead(path);
    if (!sameState(fstatSync(fd, { bigint: true }), expected)) throw new ChangedWhileRead(path);
    return `sha256:${digest}`;
  } finally {
    closeSync(fd);
  }
}

/** All bytes of a regular file, at most `limitBytes`; null when there are more. */
export async function readFile(file: Descriptor, limitBytes: number): Promise<Buffer | null> {
  const fd = file.openForReading();
  try {
    const { size } = fstatSync(fd);
    if (size > limitBytes) return null;
    if (size <= smallFileBytes) {
      const bytes = Buffer.from(readSmall(fd));
      if (bytes.length <= smallFileBytes) return bytes.length > limitBytes ? null : bytes;
    }
    const chunks: Buffer[] = [];
    const length = await readLarge(fd, limitBytes, (bytes) => chunks.push(Buffer.from(bytes)));
    return length > limitBytes ? null : Buffer.concat(chunks, length);
  } finally {
    closeSync(fd);
  }
}

export interface NewFile {
  /** Permission bits, exact: the process's umask does not apply. */
  mode: number;
  owner?: Owner;
}

/**
 * A file written under a temporary name beside the one it is for, so that this name holds either the old content or
 * all of the new one at every moment, also when the disk is full or the process dies. `write`, `sync`, `take`, in this
 * order, and at last `discard`, which also may come alone.
 */
export class StagedFile {
  private readonly temporary = temporaryName();
  private fd: number | undefined;
  private isStaged = false;

  /** Closes `dir` with itself. */
  constructor(
    readonly dir: Directory,
    readonly name: string,
  ) {}

  async write(bytes: Uint8Array, { mode, owner }: NewFile): Promise<void> {
    const fd = (this.fd = this.dir.createFile(this.temporary));
    this.isStaged = true;
    for (let at = 0; at < bytes.length;) {
      at += (await writeAsync(fd, bytes, at, Math.min(chunkBytes, bytes.length - at), at)).bytesWritten;
    }
    // In this order: a change of owner clears the set-user-id bits.
    if (owner) fchownSync(fd, owner.uid, owner.gid);
    fchmodSync(fd, mode);
  }

  /** Makes the bytes durable. */
  async sync(): Promise<void> {
    if (this.fd !== undefined) await fsyncAsync(this.fd);
  }

  /** Takes the name, from whatever file or symbolic link has it. */
  take(): void {
    this.dir.rename(this.temporary, this.name);
    this.isStaged = false;
  }

  /** Closes everything; a file that did not take its name is gone. */
  discard(): void {
    try {
      if (this.isStaged) this.dir.unlink(this.temporary);
    } finally {
      if (this.fd !== undefined) closeSync(this.fd);
      this.dir[Symbol.dispose]();
    }
  }
}
