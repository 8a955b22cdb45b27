import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { predictionEnv } from '../env.js';

const made: string[] = [];
const folder = (files: Record<string, string> = {}): string => {
  const path = mkdtempSync(join(tmpdir(), 'spectrace-specs-'));
  made.push(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
};
afterAll(() => made.forEach((path) => rmSync(path, { recursive: true })));

const start = (SPECS_DIR: string) => predictionEnv({ SPECS_DIR });

describe('the specs a service starts with', () => {
  it('are the shipped ones when nothing is set', () => expect(predictionEnv({}).specs.specs).toHaveLength(7));

  it('a broken one refuses the start, located', () => {
    const path = folder({ 'bad.yaml': 'id: bad\nversion: 1\nseverity: mild\n', 'notes.txt': 'not a spec' });
    const located = { path: 'bad.yaml#/severity', message: expect.stringContaining('line 3, column 1') };
    expect(() => start(path)).toThrow(
      expect.objectContaining({
        code: 'spec.invalid',
        details: { errors: expect.arrayContaining([located]) },
      }),
    );
  });

  it('an empty folder refuses the start', () =>
    expect(() => start(folder())).toThrow(expect.objectContaining({ code: 'spec.missing' })));

  it('a folder that is not there refuses the start with its path', () => {
    const path = join(folder(), 'gone');
    expect(() => start(path)).toThrow(`SPECS_DIR: ${path} cannot be read (ENOENT).`);
  });
});
