import { MAX_TEXT_BYTES } from './policy-text.rules.js';
import type { BundleProblem } from './policy.errors.js';

/** A bundle as it is written and published: path within it -> text. */
export type BundleFiles = Readonly<Record<string, string>>;

export const SCHEMA_FILE = 'schema.cedarschema';
export const PATH_CLASSES_FILE = 'path-classes.yaml';
export const POLICY_FILE = /^[a-z0-9][a-z0-9-]{0,63}\.cedar$/;
export const TEST_FILE = /^tests\/[a-z0-9][a-z0-9-]{0,63}\.yaml$/;

const MAX_FILES = 100;

/** Why these files cannot be a bundle, told from their names and sizes alone; nothing is parsed. */
export function bundleFileProblems(files: BundleFiles): BundleProblem[] {
  const entries = Object.entries(files);
  if (entries.length > MAX_FILES)
    return [{ message: `it has ${entries.length} files, at most ${MAX_FILES} are allowed` }];
  const problems: BundleProblem[] = entries.flatMap(([file, text]) => {
    const known = [SCHEMA_FILE, PATH_CLASSES_FILE].includes(file) || POLICY_FILE.test(file) || TEST_FILE.test(file);
    if (!known) return [{ message: `${JSON.stringify(file.slice(0, 200))} is no file of a bundle` }];
    return typeof text === 'string' ? [] : [{ file, message: 'is no text' }];
  });
  const missing = [SCHEMA_FILE, PATH_CLASSES_FILE].filter((file) => !Object.hasOwn(files, file));
  problems.push(...missing.map((file) => ({ file, message: 'is missing' })));
  const bytes = entries.reduce((sum, [, text]) => sum + (typeof text === 'string' ? Buffer.byteLength(text) : 0), 0);
  if (bytes > MAX_TEXT_BYTES) {
    problems.push({
      message: `its files have ${bytes} bytes together, at most ${MAX_TEXT_BYTES / 1024} KiB are allowed`,
    });
  }
  return problems;
}
