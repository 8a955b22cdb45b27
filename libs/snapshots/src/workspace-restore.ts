import { isAppError, sha256 } from '#kernel';
import type { BlobPort } from './blob-port.js';
import { forEachBounded } from './bounded.js';
import { type Directory, modeOf, type Owner } from './directory.js';
import { sameState, StagedFile, temporaryName } from './file-content.js';
import { entriesByPath, sameEntry } from './manifest.rules.js';
import type { ManifestEntry } from './manifest.types.js';
import { Pace } from './pace.js';
import { makeAccessible, ownerBits, removeTree } from './remove-tree.js';
import type { Problem, RestorePlan } from './restore-plan.rules.js';
import { ancestorsOf, nameOf, parentOf } from './workspace-path.rules.js';
import type { Sighting, Unholdable } from './workspace-scan.js';
import { errnoOf, located, type WorkspaceErrorCode } from './workspace.errors.js';

const filesAtOnce = 16;
/** Files written before they are made durable and take their names; each costs two descriptors until then. */
const filesInGroup = 128;
/** Files above this size are groups of their own. */
const largeFileBytes = 4 * 1024 * 1024;
const directoriesSyncedAtOnce = 8;

/** What is there is no longer what the plan was made for. */
class ForeignChange extends Error {}
/** The bytes to put back are not to be had. */
class ContentMissing extends Error {}

/**
 * Carries out a plan. A path that fails is taken down and the others go on. Every step leaves either the old or the new
 * thing under a name (or nothing, between a directory and anything else), so a restore that dies can be planned again.
 */
export class WorkspaceRestore {
  readonly restored = new Set<string>();
  readonly conflicts: Problem[];
  readonly failures: Problem[] = [];
  private readonly pace = new Pace();
  private readonly before: Map<string, ManifestEntry>;
  private readonly cleared = new Set<string>();
  /** Directories something was renamed into or removed from. */
  private readonly worked = new Set<string>();
  /** Modes to set when the work inside is done. */
  private readonly finalModes = new Map<string, number>();
  private readonly foreign: ReadonlySet<string>;

  constructor(
    private readonly top: Directory,
    before: readonly ManifestEntry[],
    private readonly sighting: Sighting,
    private readonly plan: RestorePlan,
    private readonly blobs: BlobPort,
    private readonly owner: Owner | undefined,
  ) {
    this.before = entriesByPath(before);
    this.conflicts = [...plan.conflicts];
    this.foreign = new Set(plan.conflicts.map(({ path }) => path));
  }

  /** @param options.takeOver what no manifest can describe is the run's and goes away */
  async run(options: { takeOver: boolean }): Promise<void> {
    // The root's own mode is in no manifest; without these bits nothing below could be put back.
    makeAccessible(this.top, ownerBits);
    if (options.takeOver) for (const alien of this.sighting.unholdable) await this.removeAlien(alien);
    for (const path of this.plan.clear) await this.attempt(path, () => this.clear(path));
    for (const entry of this.plan.place) {
      if (entry.type !== 'file') await this.attempt(entry.path, () => this.place(entry));
    }
    // A mode belongs to the inode, and with a second name that may be outside: such a file gets its own copy.
    const [shared, own] = partition(this.plan.mode, ({ path }) => this.hadSecondName(path));
    const files = [...this.plan.place, ...shared, ...(options.takeOver ? this.sharedFiles() : [])];
    const [large, small] = partition(
      files.filter(({ type }) => type === 'file'),
      ({ size = Infinity }) => size > largeFileBytes,
    );
    await this.placeFiles(small, filesInGroup);
    await this.placeFiles(large, 1);
    for (const entry of own) await this.attempt(entry.path, () => this.setMode(entry));
    await this.finish();
  }

  /** True when the step was done. */
  private async attempt(path: string, step: () => void | Promise<void>): Promise<boolean> {
    if (this.pace.due()) await this.pace.rest();
    try {
      await step();
      this.restored.add(path);
      return true;
    } catch (error) {
      this.restored.delete(path);
      if (error instanceof ForeignChange) this.conflicts.push({ path, reason: error.message });
      else this.failures.push({ path, reason: reasonOf(error, path) });
      return false;
    }
  }

  private removeAlien({ path, parent, name }: Unholdable): Promise<boolean> {
    return this.attempt(path, async () => {
      using dir = this.openToWork(parent);
      await removeTree(dir, name, this.pace);
      this.cleared.add(path);
    });
  }

  private clear(path: string): void {
    using parent = this.openToWork(parentOf(path));
    const name = nameOf(path);
    if (this.sighting.states.get(path)?.isDirectory()) {
      try {
        parent.removeEmptyDirectory(name);
      } catch (error) {
        if (errnoOf(error) === 'ENOTEMPTY') throw new ForeignChange('contains what somebody else created');
        throw error;
      }
    } else {
      this.assertAsSeen(parent, path);
      parent.unlink(name);
    }
    this.finalModes.delete(path);
    this.cleared.add(path);
  }

  /** Creates a directory, or puts a symbolic link in place. */
  private place(entry: ManifestEntry): void {
    using parent = this.openToWork(parentOf(entry.path));
    const temporary = temporaryName();
    const isDirectory = entry.type === 'directory';
    if (isDirectory) parent.createDirectory(temporary, ownerBits);
    else parent.createLink(temporary, entry.target ?? '');
    try {
      if (this.owner) parent.chown(temporary, this.owner);
      if (isDirectory) {
        using made = parent.enter(temporary);
        made.chmod(entry.mode | ownerBits);
      }
      this.assertAsSeen(parent, entry.path);
      parent.rename(temporary, nameOf(entry.path));
      if (isDirectory) this.finalModes.set(entry.path, entry.mode);
    } catch (error) {
      if (isDirectory) parent.removeEmptyDirectory(temporary);
      else parent.unlink(temporary);
      throw error;
    }
  }

  /** In groups, because a disk makes many files durable in about the time of one. */
  private async placeFiles(entries: readonly ManifestEntry[], groupSize: number): Promise<void> {
    for (let at = 0; at < entries.length; at += groupSize) {
      const staged = new Map<ManifestEntry, StagedFile>();
      const eachStaged = (step: (file: StagedFile, entry: ManifestEntry) => void | Promise<void>) =>
        forEachBounded([...staged], filesAtOnce, async ([entry, file]) => {
          if (await this.attempt(entry.path, () => step(file, entry))) return;
          staged.delete(entry);
          file.discard();
        });
      try {
        await forEachBounded(entries.slice(at, at + groupSize), filesAtOnce, async (entry) => {
          await this.attempt(entry.path, async () => void staged.set(entry, await this.stage(entry)));
        });
        await eachStaged((file) => file.sync());
        await eachStaged((file, { path }) => {
          this.assertAsSeen(file.dir, path);
          file.take();
        });
      } finally {
        for (const file of staged.values()) file.discard();
      }
    }
  }

  private async stage(entry: ManifestEntry): Promise<StagedFile> {
    const bytes = await this.contentOf(entry);
    const seen = this.sighting.states.get(entry.path);
    const owner = this.owner && seen?.isFile() ? { uid: Number(seen.uid), gid: Number(seen.gid) } : this.owner;
    const file = new StagedFile(this.openToWork(parentOf(entry.path)), nameOf(entry.path));
    try {
      await file.write(bytes, { mode: entry.mode, owner });
      return file;
    } catch (error) {
      file.discard();
      throw error;
    }
  }

  private async contentOf({ sha256: digest }: ManifestEntry): Promise<Buffer> {
    const bytes = await this.blobs.get(digest ?? '').catch((error: unknown) => {
      const why = isAppError(error) ? error.message : (errnoOf(error) ?? 'unknown error');
      throw new ContentMissing(`its content ${digest} could not be fetched: ${why}`);
    });
    if (sha256(bytes) !== digest) throw new ContentMissing(`its stored content ${digest} is damaged`);
    return bytes;
  }

  private setMode(entry: ManifestEntry): void {
    if (entry.type === 'directory') {
      this.finalModes.set(entry.path, entry.mode);
      return;
    }
    using parent = this.openToWork(parentOf(entry.path));
    this.assertAsSeen(parent, entry.path);
    using file = parent.pin(nameOf(entry.path));
    file.chmod(entry.mode);
  }

  /** Files as before that still have a second name when the run's own names are cleared. */
  private sharedFiles(): ManifestEntry[] {
    return this.sighting.entries.flatMap((entry) => {
      const old = this.before.get(entry.path);
      if (!old || !sameEntry(old, entry) || !this.hadSecondName(entry.path)) return [];
      using parent = this.descendIfPresent(parentOf(entry.path));
      return (parent?.statIfPresent(nameOf(entry.path))?.nlink ?? 1n) > 1n ? [old] : [];
    });
  }

  private hadSecondName(path: string): boolean {
    const seen = this.sighting.states.get(path);
    return seen !== undefined && seen.isFile() && seen.nlink > 1n;
  }

  /** Modes from the deepest directory up, so that each can still be reached; then the changes are made durable. */
  private async finish(): Promise<void> {
    const worked = [...this.worked];
    await forEachBounded(worked, directoriesSyncedAtOnce, async (path) => {
      try {
        using dir = this.descendIfPresent(path);
        await dir?.sync();
      } catch (error) {
        this.failures.push({ path, reason: reasonOf(error, path) });
      }
    });
    for (const [path, mode] of [...this.finalModes].sort(([a], [b]) => (a < b ? 1 : -1))) {
      await this.attempt(path, () => {
        using dir = this.top.descend(partsOf(path));
        dir.chmod(mode);
      });
    }
  }

  /**
   * The directory at `path`, writable by this process. Where bits have to be added for that, its mode from before the
   * run (or, where it is foreign, its present one) is set again at the end.
   */
  private openToWork(path: string): Directory {
    if (path !== '' && !this.worked.has(path)) {
      for (const above of ancestorsOf(path).reverse()) this.addBits(above, 0o100);
      this.addBits(path, ownerBits);
    }
    this.worked.add(path);
    return this.top.descend(partsOf(path));
  }

  private addBits(path: string, needed: number): void {
    using dir = this.top.descend(partsOf(path));
    const present = modeOf(dir.stat());
    if (!makeAccessible(dir, needed) || this.finalModes.has(path)) return;
    const old = this.foreign.has(path) ? undefined : this.before.get(path);
    this.finalModes.set(path, old?.type === 'directory' ? old.mode : present);
  }

  private descendIfPresent(path: string): Directory | null {
    try {
      return this.top.descend(partsOf(path));
    } catch (error) {
      if (isAppError(error) && notThere.has(error.code)) return null;
      throw error;
    }
  }

  /** Compared immediately before the change, because the scan is older than that. */
  private assertAsSeen(parent: Directory, path: string): void {
    const now = parent.statIfPresent(nameOf(path));
    const seen = this.cleared.has(path) ? undefined : this.sighting.states.get(path);
    if (!now && !seen) return;
    // Removing another name of the same file changes ctime.
    if (
      now &&
      seen &&
      (this.hadSecondName(path) ? now.ino === seen.ino && now.mtimeNs === seen.mtimeNs : sameState(now, seen))
    )
      return;
    throw new ForeignChange('was changed by somebody else during the restore');
  }
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [yes: T[], no: T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

/** What a directory's path answers when there is none, or no longer. */
const notThere: ReadonlySet<string> = new Set([
  'workspace.path_not_found',
  'workspace.not_a_directory',
  'workspace.symlink_refused',
] satisfies WorkspaceErrorCode[]);

const partsOf = (path: string): string[] => (path === '' ? [] : path.split('/'));

function reasonOf(error: unknown, path: string): string {
  const known = located(error, path);
  if (isAppError(known) || known instanceof ContentMissing) return known.message;
  const errno = errnoOf(known);
  if (errno) return `${JSON.stringify(path)} could not be restored: ${errno}`;
  throw known;
}
