import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const nearestPackage = (folder: string): string => {
  const file = join(folder, 'package.json');
  return existsSync(file) ? file : nearestPackage(dirname(folder));
};

/** The suite's version, from its package.json. */
export const VERSION: string = JSON.parse(readFileSync(nearestPackage(import.meta.dirname), 'utf8')).version;
