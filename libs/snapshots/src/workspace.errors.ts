import { AppError } from '#kernel';

export type WorkspaceErrorCode =
  /** The folder does not lie below any of the operator's roots. */
  | 'workspace.outside_roots'
  /** The folder is `/`, or contains, is, or lies inside a folder that must never be a workspace. */
  | 'workspace.refused'
  /** There is no such folder. */
  | 'workspace.not_found'
  /** A path that is not a canonical relative path, see `pathParts`. */
  | 'workspace.path_invalid'
  | 'workspace.path_not_found'
  /** The path leads through, or would read or overwrite, a symbolic link. */
  | 'workspace.symlink_refused'
  | 'workspace.not_a_file'
  | 'workspace.not_a_directory'
  | 'workspace.not_empty'
  /** A file or the whole folder is over the caller's byte limit. */
  | 'workspace.too_large'
  | 'workspace.too_many_files'
  | 'workspace.too_deep'
  /** A file with more than one name: changing it could change something outside. */
  | 'workspace.hard_link'
  /** A FIFO, socket or device. */
  | 'workspace.special_file'
  | 'workspace.name_not_utf8'
  /** Something kept changing while it was read. */
  | 'workspace.changing'
  /** The operating system refuses access. */
  | 'workspace.denied'
  | 'workspace.disk_full'
  /** The content of a file could not be stored, so there is no hold. */
  | 'workspace.not_stored';

const retryable: ReadonlySet<WorkspaceErrorCode> = new Set([
  'workspace.changing',
  'workspace.disk_full',
  'workspace.not_stored',
]);

/** `path` (relative to the workspace, or the workspace itself) is carried in `details.path`. */
export function workspaceError(code: WorkspaceErrorCode, message: string, path: string, cause?: unknown): AppError {
  return new AppError(code, message, { details: { path }, retryable: retryable.has(code), cause });
}

/** The `code` of a system error; undefined for anything else. Not `instanceof Error`: realms differ. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('syscall' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const fromErrno: Record<string, [WorkspaceErrorCode, string]> = {
  ENOENT: ['workspace.path_not_found', 'does not exist'],
  ELOOP: ['workspace.symlink_refused', 'is a symbolic link'],
  ENOTDIR: ['workspace.not_a_directory', 'is not a directory'],
  EISDIR: ['workspace.not_a_file', 'is a directory'],
  ENOTEMPTY: ['workspace.not_empty', 'is not empty'],
  EACCES: ['workspace.denied', 'is not accessible to this process'],
  EPERM: ['workspace.denied', 'is not accessible to this process'],
  EROFS: ['workspace.denied', 'is on a read-only file system'],
  ENAMETOOLONG: ['workspace.path_invalid', 'has a name that is too long'],
  ENOSPC: ['workspace.disk_full', 'could not be written: the disk is full'],
  EDQUOT: ['workspace.disk_full', 'could not be written: the quota is used up'],
};

/** Names the path in a system error; anything that is not a known system error comes back unchanged. */
export function located(error: unknown, path: string): unknown {
  const known = fromErrno[errnoOf(error) ?? ''];
  return known ? workspaceError(known[0], `${JSON.stringify(path)} ${known[1]}`, path, error) : error;
}

export const hardLink = (path: string): AppError =>
  workspaceError('workspace.hard_link', `${JSON.stringify(path)} has more than one hard link`, path);
