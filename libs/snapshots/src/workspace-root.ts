import { assertOutsideTransaction } from '#kernel';
import type { BigIntStats } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { Directory, type Name, type Owner, typeOf } from './directory.js';
import { readFile, StagedFile } from './file-content.js';
import type { EntryType } from './manifest.types.js';
import { Pace } from './pace.js';
import { removeTree } from './remove-tree.js';
import { joinPath, maxDepth, nameOf, notUtf8, pathParts, placementOf, tooDeep } from './workspace-path.rules.js';
import { errnoOf, hardLink, located, workspaceError } from './workspace.errors.js';

export interface WorkspaceEntry {
  /** Relative to the workspace's root. */
  path: string;
  /** special: a FIFO, socket or device. */
  type: EntryType | 'special';
  /** Bytes; of a symbolic link the length of its target, of a directory whatever the file system says. */
  size: number;
  /** Permission bits, 0..0o7777. */
  mode: number;
}

const newFileMode = 0o644;
const newDirectoryMode = 0o755;

/**
 * A folder agents may work in, and the only way anything touches files below it. It keeps no descriptor between
 * calls; each call walks from `/` by inodes (see `Directory`), so a symbolic link swapped in at any moment and at any
 * component is refused. Needs Linux with /proc.
 */
export class WorkspaceRoot {
  private constructor(
    /** Real and absolute. */
    readonly path: string,
  ) {}

  /**
   * @param path absolute
   * @param options.roots folders workspaces may lie in (or be); those that do not exist count for nothing
   * @param options.refuse folders no workspace may be, contain or lie in; they need not exist yet
   * @throws workspace.not_found | workspace.outside_roots | workspace.refused
   */
  static async open(path: string, options: { roots: string[]; refuse: string[] }): Promise<WorkspaceRoot> {
    const roots: string[] = [];
    for (const root of options.roots) {
      const real = await realpath(root).catch(() => null);
      if (real) roots.push(real);
    }
    const refuse = await Promise.all(options.refuse.map(realAsFarAsItExists));
    const real = await realpath(path).catch(() => null);
    // Judged before "not found", so that nobody learns what exists outside the roots.
    const placement = placementOf(real ?? (await realAsFarAsItExists(path)), roots, refuse);
    if (placement !== 'allowed' || !isAbsolute(path)) {
      const refused = placement === 'workspace.refused';
      const named = options.roots.join(', ') || 'none is set';
      const why = refused ? 'must not be a workspace' : `does not lie below any of the workspace roots (${named})`;
      throw workspaceError(refused ? placement : 'workspace.outside_roots', `${JSON.stringify(path)} ${why}`, path);
    }
    const workspace = new WorkspaceRoot(real ?? path);
    workspace.openDirectory()[Symbol.dispose]();
    return workspace;
  }

  /**
   * The root as a descriptor, for the drivers of this library; the caller disposes of it. Every use passes here.
   * @throws workspace.not_found
   */
  openDirectory(): Directory {
    assertOutsideTransaction('a workspace');
    try {
      return Directory.openReal(this.path);
    } catch (error) {
      const message = `${JSON.stringify(this.path)} is not a directory that can be opened`;
      throw workspaceError('workspace.not_found', message, this.path, error);
    }
  }

  /** Who owns what this process creates: the folder's owner when the process is root, else undefined (the process). */
  ownerOf(root: Directory): Owner | undefined {
    if (process.geteuid?.() !== 0) return undefined;
    const { uid, gid } = root.stat();
    return { uid: Number(uid), gid: Number(gid) };
  }

  /**
   * @param path of a directory; `.` is the root
   * @param options.limit return at most so many entries
   * @returns parents before children, names sorted by UTF-16 code units; symbolic links are listed, not followed
   * @throws workspace.path_invalid | path_not_found | not_a_directory | symlink_refused | name_not_utf8 | too_deep |
   * denied
   */
  async list(path: string, options: { recursive?: boolean; limit?: number } = {}): Promise<WorkspaceEntry[]> {
    const { recursive = false, limit = Infinity } = options;
    const entries: WorkspaceEntry[] = [];
    const pace = new Pace();
    const visit = async (dir: Directory, prefix: string, depth: number): Promise<void> => {
      for (const name of await dir.names()) {
        if (entries.length >= limit) return;
        if (pace.due()) await pace.rest();
        if (typeof name !== 'string') throw notUtf8(joinPath(prefix, name.toString('latin1')));
        const stats = dir.statIfPresent(name);
        // Deleted since the names were read.
        if (!stats) continue;
        const childPath = joinPath(prefix, name);
        entries.push(entryOf(childPath, stats));
        if (!recursive || !stats.isDirectory()) continue;
        if (depth === maxDepth) throw tooDeep(childPath);
        using child = enterIfDirectory(dir, name);
        if (child) await visit(child, childPath, depth + 1);
      }
    };
    await this.at(path, async () => {
      using root = this.openDirectory();
      const parts = path === '.' ? [] : pathParts(path);
      using dir = root.descend(parts);
      await visit(dir, parts.join('/'), parts.length + 1);
    });
    return entries;
  }

  /** @throws workspace.path_invalid | path_not_found | not_a_directory | symlink_refused (in mid-path) | denied */
  async stat(path: string): Promise<WorkspaceEntry> {
    return this.at(path, () => {
      using root = this.openDirectory();
      if (path === '.') return entryOf(path, root.stat());
      using parent = root.descend(pathParts(path).slice(0, -1));
      return entryOf(path, parent.statOf(nameOf(path)));
    });
  }

  /**
   * The bytes of a regular file with one name; FIFOs, sockets and devices are never opened.
   * @throws workspace.path_invalid | path_not_found | not_a_file | symlink_refused | hard_link | too_large | denied
   */
  async read(path: string, options: { limitBytes: number }): Promise<Buffer> {
    return this.at(path, async () => {
      using root = this.openDirectory();
      using parent = root.descend(pathParts(path).slice(0, -1));
      using file = parent.pin(nameOf(path));
      const stats = file.stat();
      refuseUnlessFile(path, stats);
      if (stats.nlink > 1n) throw hardLink(path);
      const bytes = await readFile(file, options.limitBytes);
      if (bytes) return bytes;
      const message = `${JSON.stringify(path)} is larger than ${options.limitBytes} bytes`;
      throw workspaceError('workspace.too_large', message, path);
    });
  }

  /**
   * Creates or replaces a regular file, durably and all at once; missing parents are created.
   * @param options.mode permission bits; default: those of the file that is there, else 0o644
   * @throws workspace.path_invalid | not_a_file | not_a_directory | symlink_refused | disk_full | denied
   */
  async write(path: string, bytes: Uint8Array, options: { mode?: number } = {}): Promise<void> {
    await this.at(path, async () => {
      const parts = pathParts(path);
      using root = this.openDirectory();
      const owner = this.ownerOf(root);
      const parent = descendCreating(root, parts.slice(0, -1), owner);
      const name = nameOf(path);
      const file = new StagedFile(parent, name);
      try {
        const existing = parent.statIfPresent(name);
        if (existing) refuseUnlessFile(path, existing);
        const mode = options.mode ?? (existing ? Number(existing.mode) & 0o7777 : newFileMode);
        const kept = owner && existing ? { uid: Number(existing.uid), gid: Number(existing.gid) } : owner;
        await file.write(bytes, { mode: mode & 0o7777, owner: kept });
        await file.sync();
        file.take();
        await parent.sync();
      } finally {
        file.discard();
      }
    });
  }

  /**
   * Removes a file, a symbolic link (never what it points to), or a directory.
   * @param options.recursive also a directory that is not empty
   * @throws workspace.path_invalid | path_not_found | not_empty | symlink_refused (in mid-path) | denied
   */
  async remove(path: string, options: { recursive?: boolean } = {}): Promise<void> {
    await this.at(path, async () => {
      const parts = pathParts(path);
      using root = this.openDirectory();
      using parent = root.descend(parts.slice(0, -1));
      const name = nameOf(path);
      if (!parent.statOf(name).isDirectory()) parent.unlink(name);
      else if (options.recursive) await removeTree(parent, name, new Pace());
      else parent.removeEmptyDirectory(name);
      await parent.sync();
    });
  }

  /** Gives system errors the path they are about. */
  private async at<T>(path: string, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw located(error, path);
    }
  }
}

/** The real path of the deepest part that exists, and the rest as it is written. */
async function realAsFarAsItExists(path: string): Promise<string> {
  const absolute = resolve(path);
  const real = await realpath(absolute).catch(() => null);
  if (real) return real;
  return absolute === '/' ? '/' : join(await realAsFarAsItExists(dirname(absolute)), basename(absolute));
}

const entryOf = (path: string, stats: BigIntStats): WorkspaceEntry => ({
  path,
  type: typeOf(stats),
  size: Number(stats.size),
  mode: Number(stats.mode) & 0o7777,
});

function refuseUnlessFile(path: string, stats: BigIntStats): void {
  const type = typeOf(stats);
  if (type === 'file') return;
  const code = type === 'symlink' ? 'workspace.symlink_refused' : 'workspace.not_a_file';
  throw workspaceError(code, `${JSON.stringify(path)} is not a regular file but a ${type}`, path);
}

/** Null when the name stopped being a directory since it was looked at. */
function enterIfDirectory(dir: Directory, name: Name): Directory | null {
  try {
    return dir.enter(name);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** The directory at `parts`, made where it is missing; the caller disposes of it. */
function descendCreating(root: Directory, parts: string[], owner: Owner | undefined): Directory {
  for (const [index, part] of parts.entries()) {
    using parent = root.descend(parts.slice(0, index));
    if (!parent.statIfPresent(part)) createDirectory(parent, part, owner);
  }
  return root.descend(parts);
}

function createDirectory(parent: Directory, name: string, owner: Owner | undefined): void {
  try {
    parent.createDirectory(name, newDirectoryMode);
  } catch (error) {
    // Somebody else made it first; it stays theirs.
    if (errnoOf(error) === 'EEXIST') return;
    throw error;
  }
  if (owner) parent.chown(name, owner);
}
