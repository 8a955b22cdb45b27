import type { BigIntStats } from 'node:fs';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { EntryType } from './manifest.types.js';
import { errnoOf, located, workspaceError } from './workspace.errors.js';

const fsyncAsync = promisify(fsync);

/** Linux. Such a descriptor only names an inode: opening it needs no right to read it and never waits on a FIFO. */
const O_PATH = 0o10000000;
const traverse = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** A directory whose own size is above this is listed off the event loop. */
const largeDirectoryBytes = 262_144n;

/** One component of a path; a Buffer where the name is not UTF-8. */
export type Name = string | Buffer;

export interface Owner {
  uid: number;
  gid: number;
}

/** special: a FIFO, socket or device. */
export function typeOf(stats: BigIntStats): EntryType | 'special' {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'special';
}

export const modeOf = (stats: BigIntStats): number => Number(stats.mode) & 0o7777;

/** Pins one inode: whatever is renamed or linked meanwhile, all methods speak about the same thing. */
export class Descriptor implements Disposable {
  protected constructor(readonly fd: number) {}

  protected get self(): string {
    return `/proc/self/fd/${this.fd}`;
  }

  stat(): BigIntStats {
    return fstatSync(this.fd, { bigint: true });
  }

  /** Not for symbolic links. */
  chmod(mode: number): void {
    chmodSync(this.self, mode);
  }

  /** A readable descriptor of the same inode; the caller closes it. Only for regular files: on others it may wait. */
  openForReading(): number {
    return openSync(this.self, constants.O_RDONLY);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

/**
 * Linux `openat` and its family, which Node does not have: a directory is a descriptor, and the next component is
 * addressed as `/proc/self/fd/<fd>/<name>`. The kernel resolves exactly one component below an inode that is already
 * open and never follows it, so a symbolic link swapped in between a check and a use cannot lead anywhere else.
 */
export class Directory extends Descriptor {
  /** Opens an absolute path without symbolic links, component by component. */
  static openReal(path: string): Directory {
    using root = new Directory(openSync('/', traverse));
    return root.descend(path.split('/').filter((part) => part !== ''));
  }

  /** @throws system errors; ENOTDIR also for a symbolic link */
  enter(name: Name): Directory {
    return new Directory(openSync(this.at(name), traverse));
  }

  /**
   * The directory `parts` below this one; the caller disposes of it.
   * @throws workspace.path_not_found | workspace.symlink_refused | workspace.not_a_directory | workspace.denied
   */
  descend(parts: readonly string[]): Directory {
    let here = new Directory(openSync(this.self, O_PATH | constants.O_DIRECTORY));
    for (const [index, part] of parts.entries()) {
      using outer = here;
      try {
        here = outer.enter(part);
      } catch (error) {
        const path = parts.slice(0, index + 1).join('/');
        if (errnoOf(error) !== 'ENOTDIR' || !outer.statIfPresent(part)?.isSymbolicLink()) throw located(error, path);
        throw workspaceError('workspace.symlink_refused', `${JSON.stringify(path)} is a symbolic link`, path, error);
      }
    }
    return here;
  }

  /** Pins whatever has this name, without following a symbolic link. */
  pin(name: Name): Descriptor {
    return new Descriptor(openSync(this.at(name), O_PATH | constants.O_NOFOLLOW));
  }

  /** A new, empty file open for writing, readable by its owner only; the caller closes the descriptor. */
  createFile(name: string): number {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    return openSync(this.at(name), flags, 0o600);
  }

  /** Sorted; a name that is not UTF-8 comes as a Buffer, after the others. */
  async names(): Promise<Name[]> {
    const large = this.stat().size > largeDirectoryBytes;
    const names = large ? await readdir(this.self) : readdirSync(this.self);
    names.sort();
    if (!names.some((name) => name.includes('\uFFFD'))) return names;
    const raw = readdirSync(this.self, { encoding: 'buffer' });
    const decoded = raw.map((name) => ({ name, text: name.toString('utf8') }));
    const isExact = ({ name, text }: { name: Buffer; text: string }) => Buffer.from(text, 'utf8').equals(name);
    const exact = decoded.filter(isExact).map(({ text }) => text);
    return [...exact.sort(), ...decoded.filter((entry) => !isExact(entry)).map(({ name }) => name)];
  }

  statOf(name: Name): BigIntStats {
    return lstatSync(this.at(name), { bigint: true });
  }

  statIfPresent(name: Name): BigIntStats | undefined {
    return lstatSync(this.at(name), { bigint: true, throwIfNoEntry: false });
  }

  /** The target as bytes: it need not be UTF-8. */
  readLink(name: Name): Buffer {
    return readlinkSync(this.at(name), { encoding: 'buffer' });
  }

  createLink(name: string, target: string): void {
    symlinkSync(target, this.at(name));
  }

  createDirectory(name: string, mode: number): void {
    mkdirSync(this.at(name), { mode });
  }

  chown(name: string, owner: Owner): void {
    lchownSync(this.at(name), owner.uid, owner.gid);
  }

  unlink(name: Name): void {
    unlinkSync(this.at(name));
  }

  removeEmptyDirectory(name: Name): void {
    rmdirSync(this.at(name));
  }

  rename(from: Name, to: string, target: Directory = this): void {
    renameSync(this.at(from), target.at(to));
  }

  /** Makes renames inside this directory durable; a directory this process may not read is left to the kernel. */
  async sync(): Promise<void> {
    let fd: number;
    try {
      fd = openSync(this.self, constants.O_RDONLY | constants.O_DIRECTORY);
    } catch (error) {
      if (errnoOf(error) === 'EACCES') return;
      throw error;
    }
    try {
      await fsyncAsync(fd);
    } finally {
      closeSync(fd);
    }
  }

  private at(name: Name): string | Buffer {
    const base = `${this.self}/`;
    return typeof name === 'string' ? base + name : Buffer.concat([Buffer.from(base), name]);
  }
}
