import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** Written beside its place and linked there: of several processes one wins, none reads half a file. */
const create = (home: string, file: string, content: string): void => {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, content, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

/** A file of the data folder that its owner alone can read, made by the first process that asks for it. */
export const openSecretFile = (home: string, name: string, make: () => string): string => {
  const file = join(home, name);
  if (read(file) === null) create(home, file, make());
  return read(file) ?? '';
};
