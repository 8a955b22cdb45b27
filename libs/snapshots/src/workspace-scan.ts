import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type AppError, isAppError } from '#kernel';
import { type Directory, modeOf, type Name, typeOf } from './directory.js';
import { ChangedWhileRead, digestFile, sameState } from './file-content.js';
import { byPath, manifestHeader, manifestLine } from './manifest.rules.js';
import type { Manifest, ManifestEntry } from './manifest.types.js';
import { Pace } from './pace.js';
import { makeAccessible } from './remove-tree.js';
import { ScanCache } from './scan-cache.js';
import { joinPath, maxDepth, notUtf8, tooDeep } from './workspace-path.rules.js';
import type { WorkspaceRoot } from './workspace-root.js';
import { errnoOf, hardLink, located, workspaceError } from './workspace.errors.js';

export interface WorkspaceLimits {
  /** Entries of every type. */
  maxFiles: number;
  /** Sum of the sizes of all files. */
  maxBytes: number;
  maxFileBytes: number;
}

/** Something no manifest can describe. `path` is for people; `name` is what the system knows it by. */
export interface Unholdable {
  path: string;
  parent: string;
  name: Name;
  reason: string;
}

/** What a scan met, with the state of every name, by which a later change is noticed. */
export interface Sighting {
  entries: ManifestEntry[];
  unholdable: Unholdable[];
  states: Map<string, BigIntStats>;
}

interface ScanPolicy {
  /** Absent: whatever is there is taken down, and nothing is refused. */
  limits?: WorkspaceLimits;
  /** Gives itself access to what its owner locked, for as long as it reads it; the modes are put back. */
  unlock: boolean;
  /** Whether the content of a file of this size matters; the digest of others stays unknown. */
  wants(path: string, sizeBytes: number): boolean;
}

const attempts = 5;
/** Pause before attempt n+1: n² times this. */
const retryPauseMs = 10;

/**
 * Runs `work` again while the folder changes under it.
 * @throws workspace.changing
 */
export async function whileChanging<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ChangedWhileRead)) throw error;
      const message = `${JSON.stringify(error.path)} keeps changing while it is read`;
      if (attempt === attempts) throw workspaceError('workspace.changing', message, error.path, error);
      await setTimeout(attempt ** 2 * retryPauseMs);
    }
  }
}

/**
 * The manifest of everything below the root, ignored files included. One pass: ChangedWhileRead means "try again".
 * @param options.unlock see ScanPolicy
 * @throws ChangedWhileRead | workspace.hard_link | special_file | name_not_utf8 | too_large | too_many_files |
 *   too_deep | denied
 */
export async function scanManifest(
  root: WorkspaceRoot,
  limits: WorkspaceLimits,
  options: { unlock: boolean },
): Promise<Manifest> {
  const { entries } = await scan(root, { limits, unlock: options.unlock, wants: () => true });
  const pace = new Pace();
  const digest = createHash('sha256').update(manifestHeader);
  for (const entry of entries) {
    digest.update(manifestLine(entry));
    if (pace.due()) await pace.rest();
  }
  return { entries, digest: `sha256:${digest.digest('hex')}` };
}

/**
 * Everything below the root, whatever it is and however much; only files that `wants` names are read.
 * @throws ChangedWhileRead | workspace.denied
 */
export const scanEverything = (root: WorkspaceRoot, wants: ScanPolicy['wants']): Promise<Sighting> =>
  scan(root, { unlock: true, wants });

async function scan(root: WorkspaceRoot, policy: ScanPolicy): Promise<Sighting> {
  using top = root.openDirectory();
  const scanner = new Scanner(new ScanCache(root.path, top.stat()), policy);
  await scanner.directory(top, '', 1);
  scanner.cache.commit();
  scanner.entries.sort(byPath);
  const { entries, unholdable, states } = scanner;
  return { entries, unholdable, states };
}

class Scanner {
  readonly entries: ManifestEntry[] = [];
  readonly unholdable: Unholdable[] = [];
  readonly states = new Map<string, BigIntStats>();
  private readonly pace = new Pace();
  private bytes = 0;

  constructor(
    readonly cache: ScanCache,
    private readonly policy: ScanPolicy,
  ) {}

  /** Everything below `dir`, whose path is `prefix`. */
  async directory(dir: Directory, prefix: string, depth: number): Promise<void> {
    const mode = modeOf(dir.stat());
    const unlocked = this.policy.unlock && makeAccessible(dir, 0o500);
    try {
      const before = dir.stat();
      for (const name of await dir.names()) {
        if (this.pace.due()) await this.pace.rest();
        await this.name(dir, prefix, name, depth);
      }
      // A name that came or went changes the directory's own time stamps.
      if (!sameState(before, dir.stat())) throw new ChangedWhileRead(prefix);
    } catch (error) {
      throw isAppError(error) ? error : located(error, prefix === '' ? '.' : prefix);
    } finally {
      if (unlocked) dir.chmod(mode);
    }
  }

  private async name(dir: Directory, prefix: string, name: Name, depth: number): Promise<void> {
    if (typeof name !== 'string') {
      const shown = joinPath(prefix, name.toString('latin1'));
      return this.refuse(prefix, name, shown, notUtf8(shown));
    }
    const path = joinPath(prefix, name);
    const stats = dir.statIfPresent(name);
    if (!stats) throw new ChangedWhileRead(path);
    const { limits } = this.policy;
    if (!limits) this.states.set(path, stats);
    if (limits && this.entries.length >= limits.maxFiles) {
      throw workspaceError('workspace.too_many_files', `the workspace has more than ${limits.maxFiles} entries`, path);
    }
    const type = typeOf(stats);
    if (type === 'file') await this.file(dir, prefix, name, stats);
    else if (type === 'symlink') this.symlink(dir, prefix, name, stats);
    else if (type === 'special') {
      const message = `${JSON.stringify(path)} is a FIFO, socket or device`;
      this.refuse(prefix, name, path, workspaceError('workspace.special_file', message, path));
    } else if (depth > maxDepth) this.refuse(prefix, name, path, tooDeep(path));
    else await this.enter(dir, path, name, stats, depth);
  }

  private async enter(dir: Directory, path: string, name: string, stats: BigIntStats, depth: number): Promise<void> {
    this.entries.push({ path, type: 'directory', mode: modeOf(stats) });
    using child = pinned(path, () => dir.enter(name));
    if (child.stat().ino !== stats.ino) throw new ChangedWhileRead(path);
    await this.directory(child, path, depth + 1);
  }

  private symlink(dir: Directory, prefix: string, name: string, stats: BigIntStats): void {
    const path = joinPath(prefix, name);
    const raw = pinned(path, () => dir.readLink(name));
    const target = raw.toString('utf8');
    if (!Buffer.from(target, 'utf8').equals(raw)) return this.refuse(prefix, name, path, notUtf8(path));
    this.entries.push({ path, type: 'symlink', mode: modeOf(stats), target });
  }

  private async file(dir: Directory, prefix: string, name: string, stats: BigIntStats): Promise<void> {
    const path = joinPath(prefix, name);
    const size = Number(stats.size);
    const { limits, wants } = this.policy;
    this.bytes += size;
    if (limits) {
      if (stats.nlink > 1n) throw hardLink(path);
      if (size > limits.maxFileBytes) throw tooLarge(path, `is larger than ${limits.maxFileBytes} bytes`);
      if (this.bytes > limits.maxBytes) throw tooLarge(path, `takes the workspace over ${limits.maxBytes} bytes`);
    }
    const entry: ManifestEntry = { path, type: 'file', mode: modeOf(stats), size };
    this.entries.push(entry);
    if (wants(path, size)) entry.sha256 = this.cache.digestOf(path, stats) ?? (await this.read(dir, name, path, stats));
  }

  /** Undefined (lenient scans only): the content could not be established and equals nothing. */
  private async read(dir: Directory, name: string, path: string, stats: BigIntStats): Promise<string | undefined> {
    const readAtMs = Date.now();
    using file = pinned(path, () => dir.pin(name));
    const mode = modeOf(stats);
    // With a second name the mode may belong to something outside.
    const mayUnlock = this.policy.unlock && stats.nlink === 1n;
    if (!sameState(file.stat(), stats)) throw new ChangedWhileRead(path);
    const unlocked = mayUnlock && makeAccessible(file, 0o400);
    try {
      const sha256 = await digestFile(file, unlocked ? file.stat() : stats, path);
      this.cache.remember(path, stats, sha256, readAtMs);
      return sha256;
    } catch (error) {
      if (this.policy.limits) throw located(error, path);
      return undefined;
    } finally {
      if (unlocked) {
        file.chmod(mode);
        this.states.set(path, file.stat());
      }
    }
  }

  /** A strict scan ends here; a lenient one takes it down. */
  private refuse(parent: string, name: Name, path: string, error: AppError): void {
    if (this.policy.limits) throw error;
    this.unholdable.push({ path, parent, name, reason: error.message });
  }
}

const tooLarge = (path: string, what: string): Error =>
  workspaceError('workspace.too_large', `${JSON.stringify(path)} ${what}`, path);

/** What was there a moment ago and is gone, or is of another type now, was changed meanwhile. */
function pinned<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const code = errnoOf(error) ?? '';
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EINVAL'].includes(code)) throw new ChangedWhileRead(path);
    throw located(error, path);
  }
}
