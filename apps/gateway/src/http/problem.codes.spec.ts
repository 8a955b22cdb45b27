import { describe, expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { statusOf } from './problem.rules.js';

const ROOT = join(import.meta.dirname, '../../../..');
/** Nouns whose errors are for operators, or are bugs: a caller sees 500. */
const OURS_ALONE =
  /^(blob|database|embedded|fact|gateway|key_pepper|message|nats|seal|settings|signing_key|stream|transaction|suite)\./;
const ALSO_OURS = [
  'execution.interrupted',
  'execution.stopped',
  'internal.error',
  'playbook.journal_mismatch',
  'policy.key_invalid',
  'sandbox.failed',
  'sandbox.not_stopped',
  'sandbox.unavailable',
  'spec.missing',
  'spec.unreadable',
  'workspace.disk_full',
  'workspace.not_stored',
];

const codesIn = (file: string): string[] => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = file.endsWith('.errors.ts')
    ? text.matchAll(/'([a-z_]+\.[a-z_]+)'/g)
    : text.matchAll(/AppError\(\s*'([a-z_]+\.[a-z_]+)'/g);
  return [...found].map(([, code]) => code!);
};

describe('every error code of the services', () => {
  const files = globSync(
    '{apps/{executor,gateway,governance,prediction},libs/{contracts,kernel,messaging,persistence,snapshots}}/src/**/*.ts',
    { cwd: ROOT },
  ).filter((file) => !file.endsWith('.spec.ts'));
  const codes = [...new Set(files.flatMap(codesIn))].sort();

  it('is found', () => {
    expect(codes.length).toBeGreaterThan(50);
  });

  it.each(codes)('%s has a status, or is ours alone', (code) => {
    const alone = OURS_ALONE.test(code) || ALSO_OURS.includes(code);
    expect(statusOf(code) !== undefined || alone).toBe(true);
  });
});
