import type { PathClassRule } from './policy.types.js';

/** Found here and never by a pattern, so that no edit of path-classes.yaml can lose them. */
export const BUILT_IN_CLASSES = ['outside', 'root'] as const;

const same = (segment: string): string => segment.toLowerCase();

/**
 * Segments of a workspace-relative path ('.' and empty segments dropped), or null when the path may leave the
 * workspace: absolute, `..` anywhere, or NUL inside.
 */
export function segmentsOf(path: string): string[] | null {
  if (path.startsWith('/') || path.includes('\0')) return null;
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.includes('..') ? null : segments;
}

/** `*` = any characters. Greedy from both ends, so linear in the segment for each star. */
function segmentMatches(pattern: string, segment: string): boolean {
  const parts = pattern.split('*');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (parts.length === 1) return pattern === segment;
  if (segment.length < first.length + last.length || !segment.startsWith(first) || !segment.endsWith(last))
    return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = segment.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= segment.length - last.length;
}

/** Whether all segments match; `**` stands for any number of them. Quadratic at worst, never exponential. */
function pathMatches(pattern: string[], path: string[]): boolean {
  /** reached[i]: the pattern read so far can match the first i segments. */
  let reached = Array.from({ length: path.length + 1 }, (_, index) => index === 0);
  for (const part of pattern) {
    const first = reached.indexOf(true);
    reached = reached.map((_, index) => {
      if (part === '**') return first >= 0 && index >= first;
      return index > 0 && reached[index - 1] === true && segmentMatches(part, path[index - 1] ?? '');
    });
  }
  return reached[path.length] === true;
}

/** Why a rule cannot be used, or null. `classes` are the schema's PathClass values. */
export function pathRuleProblem(rule: PathClassRule, classes: ReadonlySet<string>): string | null {
  if (BUILT_IN_CLASSES.some((builtIn) => builtIn === rule.class)) return `class "${rule.class}" is found by the engine`;
  if (!classes.has(rule.class)) return `class "${rule.class}" is not a PathClass of the schema`;
  const segments = segmentsOf(rule.pattern);
  if (!segments || segments.length === 0 || segments.join('/') !== rule.pattern)
    return `pattern "${rule.pattern}" is not a plain path relative to the workspace`;
  if (segments.some((segment) => segment.includes('**') && segment !== '**'))
    return `pattern "${rule.pattern}": "**" must be a whole segment`;
  if (/[?[\]{}()!+@\\]/.test(rule.pattern))
    return `pattern "${rule.pattern}": only "*" and "**" are special characters`;
  return null;
}

/** Patterns of the classes that none of these paths belongs to: a decision about the paths says nothing about those. */
export function guardedBeside(paths: readonly string[], rules: readonly PathClassRule[]): string[] {
  const named = new Set(classifyPaths(paths, rules));
  return rules.filter((rule) => !named.has(rule.class)).map((rule) => rule.pattern);
}

/** Whether a path belongs to one of these classes. */
export const isAnyOf = (
  paths: readonly string[],
  classes: readonly string[],
  rules: readonly PathClassRule[],
): boolean => classifyPaths(paths, rules).some((name) => classes.includes(name));

/** All classes of all paths, sorted. Case is ignored: a file system may ignore it too. */
export function classifyPaths(paths: readonly string[], rules: readonly PathClassRule[]): string[] {
  const patterns = rules.map((rule) => ({ segments: same(rule.pattern).split('/'), name: rule.class }));
  const found = new Set<string>();
  for (const path of paths) {
    const segments = segmentsOf(path)?.map(same);
    if (!segments) found.add('outside');
    else if (segments.length === 0) found.add('root');
    else for (const { segments: pattern, name } of patterns) if (pathMatches(pattern, segments)) found.add(name);
  }
  return [...found].sort();
}
