import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';

export interface Folders {
  /** Keys, databases, blobs; no agent ever works in here. */
  home: string;
  /** Where local workspaces may lie unless WORKSPACE_ROOTS says otherwise; beside the data folder. */
  workspaces: string;
}

/** Whether every other user may pass through the folder and all above it. */
const isOpen = (folder: string): boolean => {
  for (let path = folder; ; path = dirname(path)) {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && (mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
};

/**
 * The folders of this installation. As root, PostgreSQL and the sandbox run as other users, who must be able to reach
 * them: below a closed folder such as /root they go to /var/lib/spectrace instead.
 */
export const chooseFolders = (cwd: string, configuredHome: string): Folders => {
  const configured = configuredHome ? resolve(cwd, configuredHome) : join(cwd, '.spectrace');
  const closed = process.geteuid?.() === 0 && !configuredHome && !isOpen(cwd);
  const base = join('/var/lib/spectrace', createHash('sha256').update(cwd).digest('hex').slice(0, 12));
  const folders = closed
    ? { home: join(base, 'home'), workspaces: join(base, 'workspaces') }
    : { home: configured, workspaces: configuredHome ? `${configured}-workspaces` : join(cwd, 'workspaces') };
  mkdirSync(folders.home, { recursive: true, mode: 0o711 });
  mkdirSync(folders.workspaces, { recursive: true, mode: 0o755 });
  accessSync(folders.home, constants.W_OK);
  return folders;
};
