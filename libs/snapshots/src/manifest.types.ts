export type EntryType = 'file' | 'directory' | 'symlink';

/** One thing below a workspace's root. `path` is relative, `/`-separated, without a leading dash trick or trailing slash. */
export interface ManifestEntry {
  path: string;
  type: EntryType;
  /** Permission bits, 0..0o7777. */
  mode: number;
  /** Bytes; files only. */
  size?: number;
  /** `sha256:<hex>` of the content; files only. */
  sha256?: string;
  /** Where a symbolic link points, as stored; symlinks only. */
  target?: string;
}

/** The whole folder at one moment. `digest` covers path, type, mode, link target and content, nothing else. */
export interface Manifest {
  /** Sorted by path (UTF-16 code units). */
  entries: ManifestEntry[];
  digest: string;
}

export type ChangeKind = 'created' | 'modified' | 'deleted';

export interface Change {
  path: string;
  change: ChangeKind;
  before?: ManifestEntry;
  after?: ManifestEntry;
}

/**
 * undone: the folder equals the manifest taken before, proven by digest. conflict: somebody else changed something
 * meanwhile; nothing of theirs was overwritten and `conflicts` names it. undo_failed: the bytes could not be put back.
 */
export type RestoreOutcome =
  | { outcome: 'undone'; digest: string; restored: string[] }
  | { outcome: 'conflict'; digest: string; restored: string[]; conflicts: { path: string; reason: string }[] }
  | { outcome: 'undo_failed'; digest: string | null; restored: string[]; failures: { path: string; reason: string }[] };
