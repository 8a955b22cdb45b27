import type { ChangeKind } from '#snapshots';
import picomatch from 'picomatch';
import { contractExpectsEverything, contractPatternInvalid } from './contract.errors.js';
import type { ExpectedChange, PathPattern } from './contract.types.js';

export type PathTest = (path: string) => boolean;

/** `s`: a name may hold a newline, and `**` must not stop there. */
const OPTIONS = { dot: true, nonegate: true, flags: 's' };
/** Matching backtracks: its time grows with a power of these, and names come from whoever writes to the workspace. */
const MOST = { characters: 1_024, starsInName: 3, globstars: 2, choices: 4 };
/** picomatch's regular expression for what it cannot compile: it matches nothing, which would forbid nothing. */
const MATCHES_NOTHING = '$^';

/** Names that no two have anything in common, so that a pattern for all of them singles nothing out. */
const IMPROBABLE = ['q7', 'Zx', '.w', '0', '_u-', 'é8k', '~ j', 'n.k5', '(', 'LICENSES-3rd party.TXT'];
const IMPROBABLE_PATHS: readonly string[][] = [1, 2, 4].map((depth) =>
  IMPROBABLE.map((_, i) =>
    Array.from({ length: depth }, (_, level) => IMPROBABLE[(i + 3 * level) % IMPROBABLE.length]).join('/'),
  ),
);

/** `a/**` names the folder `a`, too; picomatch holds that for plain names only, not for globs. */
const globOf = (pattern: string, options: typeof OPTIONS): PathTest =>
  picomatch(pattern.endsWith('/**') ? [pattern, pattern.slice(0, -'/**'.length)] : pattern, options);

export const testOf = (pattern: PathPattern): PathTest => {
  const { match, path: named } = pattern;
  switch (match) {
    case 'exact':
      return (path) => path === named;
    case 'below':
      return (path) => path === named || path.startsWith(`${named}/`);
    case 'glob':
      return globOf(named, OPTIONS);
  }
};

/** Governance's patterns; case is ignored, as a file system may ignore it. */
export const guardOf = (patterns: readonly string[]): PathTest => {
  const tests = patterns.map((pattern) => globOf(pattern, { ...OPTIONS, flags: 'si' }));
  return (path) => tests.some((test) => test(path));
};

const problemOf = (pattern: string): string | null => {
  const plain = pattern.replaceAll(/\\./gs, '');
  if (pattern.length > MOST.characters) return `is longer than ${MOST.characters} characters`;
  if (plain.includes('(')) return 'holds a group; write {a,b} for a choice, and \\( for the character';
  if ((plain.match(/\*\*/g) ?? []).length > MOST.globstars) return `holds "**" more than ${MOST.globstars} times`;
  const names = plain.replaceAll('**', '').split('/');
  if (names.some((name) => name.split('*').length - 1 > MOST.starsInName)) {
    return `holds "*" more than ${MOST.starsInName} times in one name`;
  }
  if (plain.split('{').length - 1 > MOST.choices) return `holds more than ${MOST.choices} choices`;
  if (pattern === '' || picomatch.makeRe(pattern, OPTIONS).source === MATCHES_NOTHING) return 'is not a pattern';
  return null;
};

/** @throws AppError `contract.pattern_invalid` */
export const assertPatterns = (patterns: readonly PathPattern[]): void => {
  for (const { path } of patterns) {
    const problem = problemOf(path);
    if (problem) throw contractPatternInvalid(path, problem);
  }
};

/**
 * Refuses lists of one kind of change that together name every path, or every path of one depth.
 * @throws AppError `contract.expects_everything`
 */
export const assertNotEverything = (expected: readonly ExpectedChange[]): void => {
  const kinds = new Map<ChangeKind, string[]>();
  for (const { change, path } of expected) kinds.set(change, [...(kinds.get(change) ?? []), path]);
  for (const patterns of kinds.values()) {
    const tests = patterns.map((path) => testOf({ match: 'glob', path }));
    const all = IMPROBABLE_PATHS.some((paths) => paths.every((path) => tests.some((test) => test(path))));
    if (all) throw contractExpectsEverything(patterns.join(', '));
  }
};
