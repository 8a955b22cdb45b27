import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** The user a sandbox runs as when the suite itself runs as root; it may write only what it owns. */
const SANDBOX_ID = 61_000;

/** Makes a folder with these files (path -> content), as a person would who lets an agent in. */
export const makeWorkspace = (folder: string, files: Record<string, string>): string => {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  settle(folder);
  return folder;
};

const settle = (path: string): void => {
  const isFolder = lstatSync(path).isDirectory();
  chmodSync(path, isFolder ? 0o755 : 0o644);
  if (process.getuid?.() === 0) chownSync(path, SANDBOX_ID, SANDBOX_ID);
  if (isFolder) for (const entry of readdirSync(path)) settle(join(path, entry));
};

/** Everything below a folder, path -> what it is, content by its digest; modification times do not count. */
export const treeOf = (folder: string): Record<string, string> => {
  const tree: Record<string, string> = {};
  const visit = (path: string): void => {
    for (const name of readdirSync(join(folder, path))) {
      const at = join(path, name);
      const stats = lstatSync(join(folder, at));
      const mode = (stats.mode & 0o7777).toString(8);
      if (stats.isDirectory()) {
        tree[at] = `folder ${mode}`;
        visit(at);
      } else if (stats.isSymbolicLink()) tree[at] = `link ${readlinkSync(join(folder, at))}`;
      else
        tree[at] = `file ${mode} ${createHash('sha256')
          .update(readFileSync(join(folder, at)))
          .digest('hex')}`;
    }
  };
  visit('');
  return tree;
};
