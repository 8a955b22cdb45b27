import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileSpecs } from './spec.compiler.js';
import { specsMissing, specsUnreadable } from './spec.errors.js';
import type { CompiledSpecs } from './spec.types.js';

/**
 * Compiles every `*.yaml` of a folder, once, at the start.
 * @throws AppError `spec.invalid` with located problems; `spec.unreadable`; `spec.missing`: no spec is not a rule set
 */
export function readSpecs(folder: string): CompiledSpecs {
  const path = resolve(folder);
  const names = attempt(path, () => readdirSync(path))
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  if (names.length === 0) throw specsMissing(path);
  return compileSpecs(
    names.map((name) => ({ name, text: attempt(join(path, name), () => readFileSync(join(path, name), 'utf8')) })),
  );
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw specsUnreadable(path, error);
  }
}
