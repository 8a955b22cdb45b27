import { type Descriptor, type Directory, modeOf, type Name } from './directory.js';
import { temporaryName } from './file-content.js';
import type { Pace } from './pace.js';
import { errnoOf } from './workspace.errors.js';

/** Levels walked with one open descriptor each before a deeper subtree is moved up. */
const levelsAtOnce = 64;

/**
 * Removes whatever has this name, with everything below it, following nothing. Takes names that are not UTF-8 and
 * trees of any depth: a subtree below `levelsAtOnce` is renamed to the top and removed from there.
 * Directories are made writable first.
 * @throws system errors
 */
export async function removeTree(top: Directory, name: Name, pace: Pace): Promise<void> {
  const deep: string[] = [];

  const remove = async (parent: Directory, child: Name, level: number): Promise<void> => {
    if (pace.due()) await pace.rest();
    if (!parent.statOf(child).isDirectory()) return parent.unlink(child);
    if (level === levelsAtOnce) {
      const moved = temporaryName();
      parent.rename(child, moved, top);
      deep.push(moved);
      return;
    }
    {
      using dir = parent.enter(child);
      makeAccessible(dir, ownerBits);
      for (const grandchild of await dir.names()) await remove(dir, grandchild, level + 1);
    }
    parent.removeEmptyDirectory(child);
  };

  await remove(top, name, 0);
  for (let moved = deep.pop(); moved !== undefined; moved = deep.pop()) await remove(top, moved, 0);
}

export const ownerBits = 0o700;

/**
 * Gives the owner the rights `needed`; the same for root, so that there is one behaviour. False
 * when nothing was changed, also when this process does not own it: what is then not possible fails on its own.
 */
export function makeAccessible(thing: Descriptor, needed: number): boolean {
  const mode = modeOf(thing.stat());
  if ((mode & needed) === needed) return false;
  try {
    thing.chmod(mode | needed);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EPERM') return false;
    throw error;
  }
}
