import { byPath, entriesByPath, sameContent, sameEntry } from './manifest.rules.js';
import type { ManifestEntry } from './manifest.types.js';
import { ancestorsOf, isTemporaryName, nameOf } from './workspace-path.rules.js';

export interface Problem {
  path: string;
  reason: string;
}

/** What to do, in this order; every list is in the order to work in. */
export interface RestorePlan {
  /** Paths whose present thing goes away; what is inside a directory comes before it. */
  clear: string[];
  /** Entries to create or to replace, parents first. */
  place: ManifestEntry[];
  /** Entries of which only the permission bits differ; what is inside a directory comes before it. */
  mode: ManifestEntry[];
  conflicts: Problem[];
}

/** Owner bits a scan adds while it reads. */
const readingBits = { directory: 0o500, file: 0o400, symlink: 0 };
/** Owner bits a restore adds to a directory while it works in it, or below it. */
const workingBits = [0o700, 0o100];

type Entries = Map<string, ManifestEntry>;

interface Sides {
  before: Entries;
  /** Null: what the run left is not known, so everything that differs counts as the run's. */
  left: Entries | null;
  now: Entries;
  /** Present, but nothing a manifest can describe. */
  aliens: ReadonlySet<string>;
  /** Paths the restore works on or in when it carries out `left` -> `before`. */
  worked: Set<string>;
}

/**
 * How to get from `now` to `before` without touching what somebody else changed: a path that is as the run left it is
 * put back, one that is as before is done, anything else is a conflict. `now` may be the half-way state of an earlier
 * restore of the same manifests that died. `aliens` are paths in `now` that hold what no manifest can describe: when
 * `left` is known they came after it and are foreign; when it is not, the caller removes them before it clears.
 */
export function planRestore(
  before: readonly ManifestEntry[],
  left: readonly ManifestEntry[] | null,
  now: readonly ManifestEntry[],
  aliens: readonly Problem[] = [],
): RestorePlan {
  const sides: Sides = {
    before: entriesByPath(before),
    left: left && entriesByPath(left),
    now: entriesByPath(now),
    aliens: new Set(left ? aliens.map(({ path }) => path) : []),
    worked: new Set(),
  };
  if (sides.left) sides.worked = workedPaths(sides.before, sides.left);
  const pending = new Set<string>();
  const conflicts = new Map<string, string>();
  if (left) for (const { path, reason } of aliens) conflicts.set(path, reason);
  for (const path of new Set([...sides.before.keys(), ...sides.now.keys()])) {
    if (conflicts.has(path) || sameEntry(sides.before.get(path), sides.now.get(path))) continue;
    if (mayPutBack(path, sides)) pending.add(path);
    else conflicts.set(path, foreignReason(path, sides));
  }
  keepParentsOfForeign(sides, pending, conflicts);
  keepOutOfForeign(sides, pending, conflicts);
  return stepsOf(sides, pending, conflicts);
}

function workedPaths(before: Entries, left: Entries): Set<string> {
  const worked = new Set<string>();
  for (const path of new Set([...before.keys(), ...left.keys()])) {
    if (sameEntry(before.get(path), left.get(path))) continue;
    worked.add(path);
    for (const above of ancestorsOf(path)) worked.add(above);
  }
  return worked;
}

function mayPutBack(path: string, { before, left, now, worked }: Sides): boolean {
  if (left === null) return true;
  const old = before.get(path);
  const made = left.get(path);
  const found = now.get(path);
  if (sameEntry(made, found)) return true;
  if (!old && !made && isTemporaryName(nameOf(path))) return true;
  // Between a directory and anything else there is no atomic exchange: a restore passes through "nothing there".
  if (!found) return old !== undefined && made !== undefined && isDirectory(old) !== isDirectory(made);
  return [old, made].some((side) => side !== undefined && isSideAtWork(side, found, worked.has(path)));
}

/** `found` is `side` with the bits a restore adds while it works. */
function isSideAtWork(side: ManifestEntry, found: ManifestEntry, worked: boolean): boolean {
  if (!sameContent(side, found)) return false;
  if (found.mode === (side.mode | readingBits[side.type])) return true;
  return worked && isDirectory(side) && workingBits.some((bits) => found.mode === (side.mode | bits));
}

function foreignReason(path: string, { left, now }: Sides): string {
  if (!now.has(path)) return 'was deleted by somebody else';
  return left?.has(path) ? 'was changed by somebody else' : 'was created by somebody else';
}

/** A directory the run made cannot go while something foreign is inside it. */
function keepParentsOfForeign(sides: Sides, pending: Set<string>, conflicts: Map<string, string>): void {
  const occupied = new Set<string>();
  for (const path of conflicts.keys()) {
    if (sides.now.has(path) || sides.aliens.has(path)) ancestorsOf(path).forEach((above) => occupied.add(above));
  }
  for (const path of occupied) {
    if (!pending.has(path) || !isDirectory(sides.now.get(path)) || isDirectory(sides.before.get(path))) continue;
    pending.delete(path);
    conflicts.set(path, 'contains what somebody else changed');
  }
}

/** Nothing can be put below a place that somebody else emptied, or filled with something that is not a directory. */
function keepOutOfForeign(sides: Sides, pending: Set<string>, conflicts: Map<string, string>): void {
  for (const path of pending) {
    if (!sides.before.has(path)) continue;
    const blocked = ancestorsOf(path).some((above) => conflicts.has(above) && !isDirectory(sides.now.get(above)));
    if (!blocked) continue;
    pending.delete(path);
    conflicts.set(path, 'lies below what somebody else changed');
  }
}

function stepsOf({ before, now }: Sides, pending: Set<string>, conflicts: Map<string, string>): RestorePlan {
  const plan: RestorePlan = { clear: [], place: [], mode: [], conflicts: [] };
  for (const path of [...pending].sort()) {
    const old = before.get(path);
    const found = now.get(path);
    if (found && isDirectory(found) !== isDirectory(old)) plan.clear.push(path);
    else if (found && !old) plan.clear.push(path);
    if (!old) continue;
    if (found && sameContent(old, found)) plan.mode.push(old);
    else plan.place.push(old);
  }
  plan.clear.reverse();
  plan.mode.reverse();
  plan.conflicts = [...conflicts].map(([path, reason]) => ({ path, reason })).sort(byPath);
  return plan;
}

const isDirectory = (entry: ManifestEntry | undefined): boolean => entry?.type === 'directory';
