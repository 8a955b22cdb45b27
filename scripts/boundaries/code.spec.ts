import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ESLint, type Linter } from 'eslint';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { plantedCode } from './planted-code.js';
import { plantedSuffixes } from './planted-suffixes.js';

const root = join(import.meta.dirname, '../..');
const { default: config } = (await import(pathToFileURL(join(root, 'eslint.config.js')).href)) as {
  default: Linter.Config[];
};
const planted = Object.entries({ ...plantedCode, ...plantedSuffixes });
const files = planted.flatMap(([, { violates, allowed }]) => [...Object.entries(violates), ...Object.entries(allowed)]);

let folder: string;
/** The rules each file breaks, each once. */
const broken = new Map<string, (string | null)[]>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spectrace-code-'));
  for (const path of ['node_modules', 'package.json', 'tsconfig.base.json'])
    symlinkSync(join(root, path), join(folder, path));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: './tsconfig.base.json', include: ['apps', 'libs', 'clients', 'e2e'] }),
  );
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const eslint = new ESLint({ cwd: folder, overrideConfigFile: true, overrideConfig: config });
  for (const { filePath, messages } of await eslint.lintFiles(['.'])) {
    const errors = messages.filter(({ severity }) => severity === 2);
    broken.set(filePath.slice(folder.length + 1), [...new Set(errors.map(({ ruleId, message }) => ruleId ?? message))]);
  }
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(planted)('%s', (rule, { violates, allowed }) => {
  it.each(Object.keys(violates))('is broken by %s', (path) => expect(broken.get(path)).toEqual([rule]));
  it.each(Object.keys(allowed))('is kept by %s', (path) => expect(broken.get(path)).toEqual([]));
});

describe('the table', () => {
  it('plants every file once', () => {
    const paths = files.map(([path]) => path);
    expect(paths).toEqual([...new Set(paths)]);
  });

  it('has violations and examples of every rule that is switched on anywhere', () => {
    const rules = config.flatMap((part) => Object.entries(part.rules ?? {}));
    const on = rules.filter(([, entry]) => entry !== 'off').map(([name]) => name);
    expect(planted.map(([rule]) => rule).sort()).toEqual([...new Set(on)].sort());
    for (const [, { violates, allowed }] of planted) {
      expect(Math.min(Object.keys(violates).length, Object.keys(allowed).length)).toBeGreaterThan(0);
    }
  });
});
