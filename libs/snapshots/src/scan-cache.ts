import type { BigIntStats } from 'node:fs';

/** Roots and files remembered by one process, least recently scanned root forgotten first. */
const maxRoots = 16;
const maxFiles = 150_000;

/** Above every Linux clock tick (10 ms at 100 Hz), the granularity of time stamps on local file systems. */
const fineMarginNs = 100_000_000n;
/** Time stamps without a fraction of a second may come from a file system that keeps one or two seconds. */
const coarseMarginNs = 2_100_000_000n;
const secondNs = 1_000_000_000n;

interface SeenFile {
  ino: bigint;
  size: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
  sha256: string;
}

type Seen = ReadonlyMap<string, SeenFile>;

const roots = new Map<string, Seen>();

/**
 * What the last scan of a root read, so that an unchanged file need not be read again. Never part of a verdict: with an
 * empty cache every result is the same, only later.
 *
 * A file counts as unchanged when inode, size, mtime and ctime are equal; ctime cannot be set by a program, only by a
 * change. Two changes within one tick of the clock look the same ("racily clean", Git's Documentation/technical/racy-git),
 * so a file is remembered only when its ctime was older than the moment of reading by a margin; a younger one is read
 * again by the next scan. Not seen are stores through a shared memory mapping that outlives a scan, until the kernel
 * writes the page back: whoever could do that must have been stopped before the scan.
 */
export class ScanCache {
  private readonly before: Seen;
  private readonly next = new Map<string, SeenFile>();
  private readonly key: string;

  constructor(rootPath: string, root: BigIntStats) {
    this.key = `${root.dev}:${root.ino}:${rootPath}`;
    this.before = roots.get(this.key) ?? new Map();
  }

  digestOf(path: string, stats: BigIntStats): string | undefined {
    const seen = this.next.get(path) ?? this.before.get(path);
    if (!seen || seen.ctimeNs !== stats.ctimeNs || seen.mtimeNs !== stats.mtimeNs) return undefined;
    if (seen.ino !== stats.ino || seen.size !== stats.size) return undefined;
    this.next.set(path, seen);
    return seen.sha256;
  }

  /** @param readAtMs Unix time at which reading began, milliseconds */
  remember(path: string, stats: BigIntStats, sha256: string, readAtMs: number): void {
    const margin = stats.ctimeNs % secondNs === 0n ? coarseMarginNs : fineMarginNs;
    if (stats.ctimeNs >= BigInt(readAtMs) * 1_000_000n - margin) return;
    const { ino, size, mtimeNs, ctimeNs } = stats;
    this.next.set(path, { ino, size, mtimeNs, ctimeNs, sha256 });
  }

  /** After a whole scan: what was not met again is forgotten. */
  commit(): void {
    roots.delete(this.key);
    if (this.next.size > maxFiles) return;
    roots.set(this.key, this.next);
    let files = 0;
    for (const seen of roots.values()) files += seen.size;
    for (const [key, seen] of roots) {
      if (roots.size <= maxRoots && files <= maxFiles) break;
      roots.delete(key);
      files -= seen.size;
    }
  }
}
