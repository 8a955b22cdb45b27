import type { AppError } from '#kernel';
import { workspaceError } from './workspace.errors.js';

/** Directories below a workspace's root; each level costs the scan one open descriptor. */
export const maxDepth = 128;
/** Bytes of UTF-8, Linux PATH_MAX. */
const maxPathBytes = 4096;
/** Bytes of UTF-8, Linux NAME_MAX. */
const maxNameBytes = 255;

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;

/** Why `path` is not a canonical relative path; null when it is. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.includes('\0')) return 'contains a NUL character';
  if (!path.isWellFormed()) return 'is not well-formed Unicode';
  if (path.startsWith('/')) return 'is absolute';
  const parts = path.split('/');
  if (parts.includes('..')) return 'contains ".."';
  if (parts.includes('') || parts.includes('.')) return 'contains an empty or "." component';
  if (parts.length > maxDepth) return `has more than ${maxDepth} components`;
  if (utf8Bytes(path) > maxPathBytes) return `is longer than ${maxPathBytes} bytes`;
  if (parts.some((part) => utf8Bytes(part) > maxNameBytes)) return `has a name longer than ${maxNameBytes} bytes`;
  return null;
}

/**
 * The components of a path relative to a workspace. Only one spelling of a path is accepted (no `./a`, `a//b`, `a/`),
 * so what a policy or a contract says about a path is said about exactly one file. A backslash is an ordinary character.
 * @throws workspace.path_invalid
 */
export function pathParts(path: string): string[] {
  const problem = pathProblem(path);
  if (problem) throw workspaceError('workspace.path_invalid', `the path ${JSON.stringify(path)} ${problem}`, path);
  return path.split('/');
}

/** The directory a path lies in; '' for the workspace's root. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export const joinPath = (parent: string, name: string): string => (parent === '' ? name : `${parent}/${name}`);

/** Every directory above `path`, nearest first, without the root. */
export function ancestorsOf(path: string): string[] {
  const ancestors: string[] = [];
  for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) ancestors.push(parent);
  return ancestors;
}

/** @param shown the path, with the bytes of what is not UTF-8 read as Latin-1 */
export const notUtf8 = (shown: string): AppError => {
  const message = `${JSON.stringify(shown)} (bytes read as Latin-1) has a name or target that is not UTF-8`;
  return workspaceError('workspace.name_not_utf8', message, shown);
};

export const tooDeep = (path: string): AppError =>
  workspaceError('workspace.too_deep', `${JSON.stringify(path)} is nested more than ${maxDepth} levels deep`, path);

const temporaryPattern = /^\.spectrace-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** The name bytes are written under before they are renamed into place; reserved, so a crash's leftovers are known. */
export const temporaryNameFor = (uuid: string): string => `.spectrace-${uuid}.tmp`;

export const isTemporaryName = (name: string): boolean => temporaryPattern.test(name);

const contains = (outer: string, inner: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`);

/**
 * Whether a folder may be a workspace. All paths are real (absolute, without symbolic links).
 * A root named by the operator may itself be the workspace.
 */
export function placementOf(
  folder: string,
  roots: string[],
  refuse: string[],
): 'allowed' | 'workspace.outside_roots' | 'workspace.refused' {
  if (folder === '/') return 'workspace.refused';
  if (refuse.some((refused) => contains(refused, folder) || contains(folder, refused))) return 'workspace.refused';
  return roots.some((root) => contains(root, folder)) ? 'allowed' : 'workspace.outside_roots';
}
