import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const nearestPackage = (folder: string): string =>
  existsSync(join(folder, 'package.json')) ? folder : nearestPackage(dirname(folder));

/** The folder of the suite's package.json, whether this runs from the sources or from dist. */
export const PACKAGE_ROOT: string = nearestPackage(import.meta.dirname);

/** The suite's version. */
export const VERSION: string = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')).version;
