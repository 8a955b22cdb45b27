import { sha256 } from '#kernel';
import type { Change, Manifest, ManifestEntry } from './manifest.types.js';

/** First line of the digested text; a change of the line format changes it. */
export const manifestHeader = 'spectrace manifest 1\n';

/**
 * One line of the digested text: the JSON array `[path, type, mode, content]` and a newline, where `mode` is a decimal
 * number and `content` is a file's digest, a symbolic link's target, or null for a directory. JSON's escaping keeps a
 * newline or quote inside a name from being read as another field.
 */
export function manifestLine(entry: ManifestEntry): string {
  const content = entry.type === 'file' ? entry.sha256 : entry.target;
  return `${JSON.stringify([entry.path, entry.type, entry.mode, content ?? null])}\n`;
}

export const byPath = (a: { path: string }, b: { path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

/** SHA-256 over `manifestHeader` and one `manifestLine` for each entry. `entries` are sorted by path. */
export const manifestDigest = (entries: readonly ManifestEntry[]): string =>
  sha256(manifestHeader + entries.map(manifestLine).join(''));

export function manifestOf(entries: readonly ManifestEntry[]): Manifest {
  const sorted = [...entries].sort(byPath);
  return { entries: sorted, digest: manifestDigest(sorted) };
}

/** Equal in everything the digest covers; two absent entries are equal. */
export function sameEntry(a: ManifestEntry | undefined, b: ManifestEntry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.mode === b.mode && sameContent(a, b);
}

/** Equal in type and in content or target, whatever the mode. A file whose digest is not known equals nothing. */
export function sameContent(a: ManifestEntry, b: ManifestEntry): boolean {
  if (a.type !== b.type) return false;
  if (a.type === 'file') return a.sha256 !== undefined && a.sha256 === b.sha256;
  return a.target === b.target;
}

export const entriesByPath = (entries: readonly ManifestEntry[]): Map<string, ManifestEntry> =>
  new Map(entries.map((entry) => [entry.path, entry]));

/**
 * What happened between two manifests, sorted by path. A change of type is one modification; a directory that is gone
 * lists everything that was below it.
 */
export function diffManifests(before: Manifest, after: Manifest): Change[] {
  const changes: Change[] = [];
  let i = 0;
  let j = 0;
  while (i < before.entries.length || j < after.entries.length) {
    const old = before.entries[i];
    const now = after.entries[j];
    const order = old && now ? byPath(old, now) : old ? -1 : 1;
    if (order < 0) changes.push({ path: old!.path, change: 'deleted', before: old });
    else if (order > 0) changes.push({ path: now!.path, change: 'created', after: now });
    else if (!sameEntry(old, now)) changes.push({ path: old!.path, change: 'modified', before: old, after: now });
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
  }
  return changes;
}

/** `manifest` with every change carried out; the inverse of `diffManifests`. */
export function applyChanges(manifest: Manifest, changes: readonly Change[]): Manifest {
  const entries = entriesByPath(manifest.entries);
  for (const { path, after } of changes) {
    if (after) entries.set(path, after);
    else entries.delete(path);
  }
  return manifestOf([...entries.values()]);
}
