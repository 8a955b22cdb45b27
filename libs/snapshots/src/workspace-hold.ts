import { setImmediate } from 'node:timers/promises';
import { type AppError, isAppError } from '#kernel';
import { type BlobPort, StoredBlobs } from './blob-port.js';
import { forEachBounded } from './bounded.js';
import type { Directory } from './directory.js';
import { ChangedWhileRead, readFile } from './file-content.js';
import { diffManifests, entriesByPath, manifestDigest } from './manifest.rules.js';
import type { Manifest, ManifestEntry, RestoreOutcome } from './manifest.types.js';
import { planRestore, type Problem } from './restore-plan.rules.js';
import { nameOf, pathParts } from './workspace-path.rules.js';
import { WorkspaceRestore } from './workspace-restore.js';
import type { WorkspaceRoot } from './workspace-root.js';
import { scanEverything, scanManifest, type Sighting, whileChanging, type WorkspaceLimits } from './workspace-scan.js';
import { errnoOf, workspaceError } from './workspace.errors.js';

/** Files read and stored at once; above this size, one after the other. */
const filesAtOnce = 16;
const largeFileBytes = 4 * 1024 * 1024;

const noLimits: WorkspaceLimits = { maxFiles: Infinity, maxBytes: Infinity, maxFileBytes: Infinity };

/**
 * The hold driver for folders: a manifest of everything below the root (ignored files included) and the content of
 * every file in blobs. Owners, extended attributes, time stamps and the root's own mode are not held.
 */
export class WorkspaceHold {
  constructor(
    private readonly root: WorkspaceRoot,
    private readonly blobs: BlobPort,
    private readonly limits: WorkspaceLimits,
  ) {}

  /**
   * The folder as it is, with all that is needed to come back to it. Changes nothing in the folder.
   * @throws workspace.not_stored when content could not be stored (the cause is the store's error; blobs stored until
   *   then are unreferenced), workspace.changing, and what `observe` throws
   */
  take(): Promise<Manifest> {
    return whileChanging(async () => {
      const manifest = await scanManifest(this.root, this.limits, { unlock: false });
      await this.store(manifest);
      return manifest;
    });
  }

  /**
   * The folder as it is; nothing is stored. What its owner made unreadable is unlocked while it is read.
   * @throws workspace.hard_link | special_file | name_not_utf8 | too_large | too_many_files | too_deep | changing |
   *   denied | not_found
   */
  observe(): Promise<Manifest> {
    return whileChanging(() => scanManifest(this.root, this.limits, { unlock: true }));
  }

  /**
   * Puts the folder back to `before` and proves it by a new scan. May be called again after it died at any point.
   * @param left what `observe` saw after the run; null when that is not known (a crash, or a folder that could not be
   *   observed): then everything that differs from `before` is put back, and nobody else may have worked in the folder
   */
  async restore(before: Manifest, left: Manifest | null): Promise<RestoreOutcome> {
    for (const manifest of left ? [before, left] : [before]) {
      await setImmediate();
      if (manifestDigest(manifest.entries) === manifest.digest) continue;
      return failed([{ path: '.', reason: `the recorded manifest ${manifest.digest} does not match its digest` }]);
    }
    let restore: WorkspaceRestore;
    try {
      using top = this.root.openDirectory();
      const sighting = await whileChanging(() => this.lookFor(before, left));
      await setImmediate();
      const plan = planRestore(before.entries, left?.entries ?? null, sighting.entries, sighting.unholdable);
      restore = new WorkspaceRestore(top, before.entries, sighting, plan, this.blobs, this.root.ownerOf(top));
      await setImmediate();
      await restore.run({ takeOver: left === null });
    } catch (error) {
      return failed([problemOf(error)]);
    }
    return this.prove(before, restore);
  }

  /** Only files that may be equal to what is known about their path are read. */
  private lookFor(before: Manifest, left: Manifest | null): Promise<Sighting> {
    const sides = [entriesByPath(before.entries), entriesByPath(left?.entries ?? [])];
    const matches = (entry: ManifestEntry | undefined, size: number) =>
      entry?.type === 'file' && (entry.size === undefined || entry.size === size);
    return scanEverything(this.root, (path, size) => sides.some((side) => matches(side.get(path), size)));
  }

  private async prove(before: Manifest, { restored, conflicts, failures }: WorkspaceRestore): Promise<RestoreOutcome> {
    const done = [...restored].sort();
    let now: Manifest;
    try {
      now = await whileChanging(() => scanManifest(this.root, noLimits, { unlock: true }));
    } catch (error) {
      return failed([...failures, ...conflicts, problemOf(error)], done);
    }
    const { digest } = now;
    if (digest === before.digest) return { outcome: 'undone', digest, restored: done };
    if (failures.length > 0) return failed([...failures, ...conflicts], done, digest);
    const reason = 'was changed by somebody else during the restore';
    const differing = diffManifests(before, now).map(({ path }) => ({ path, reason }));
    const named = conflicts.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    return { outcome: 'conflict', digest, restored: done, conflicts: named.length > 0 ? named : differing };
  }

  private async store(manifest: Manifest): Promise<void> {
    const stored = new StoredBlobs(this.blobs);
    const wanted = new Map<string, ManifestEntry>();
    for (const entry of manifest.entries) {
      if (entry.sha256 && !stored.isKnown(entry.sha256)) wanted.set(entry.sha256, entry);
    }
    if (wanted.size === 0) return;
    using top = this.root.openDirectory();
    const storeOne = async ({ path, sha256: digest = '', size = 0 }: ManifestEntry): Promise<void> => {
      let storedAs: string;
      try {
        if (await stored.has(digest)) return;
        storedAs = await stored.put(await readAgain(top, path, size));
      } catch (error) {
        if (error instanceof ChangedWhileRead) throw error;
        const message = `the content of ${JSON.stringify(path)} could not be stored`;
        throw workspaceError('workspace.not_stored', message, path, error);
      }
      if (storedAs !== digest) throw new ChangedWhileRead(path);
    };
    const entries = [...wanted.values()];
    const isLarge = ({ size = 0 }: ManifestEntry) => size > largeFileBytes;
    const [large, small] = [entries.filter(isLarge), entries.filter((entry) => !isLarge(entry))];
    await forEachBounded(small, filesAtOnce, storeOne);
    await forEachBounded(large, 1, storeOne);
  }
}

/** The bytes of a file the scan met; whatever cannot be read as such a file was changed since. */
async function readAgain(top: Directory, path: string, size: number): Promise<Buffer> {
  try {
    using parent = top.descend(pathParts(path).slice(0, -1));
    using file = parent.pin(nameOf(path));
    const bytes = file.stat().isFile() ? await readFile(file, size) : null;
    if (bytes) return bytes;
  } catch (error) {
    if (!isAppError(error) && errnoOf(error) === undefined) throw error;
  }
  throw new ChangedWhileRead(path);
}

const failed = (
  failures: Problem[],
  restored: string[] = [],
  digest: string | null = null,
): Extract<RestoreOutcome, { outcome: 'undo_failed' }> => ({ outcome: 'undo_failed', digest, restored, failures });

/** Errors about the folder become part of the outcome; anything else is a bug. */
function problemOf(error: unknown): Problem {
  if (!isAppError(error)) throw error;
  const path = (error as AppError).details?.path;
  return { path: typeof path === 'string' ? path : '.', reason: error.message };
}
