import { afterAll, describe, expect, it } from '@jest/globals';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { plantedImports } from './planted-imports.js';
import type { Files } from './planted.js';

const root = join(import.meta.dirname, '../..');
const options = await extractOptions(join(root, '.dependency-cruiser.cjs'));
const folder = mkdtempSync(join(tmpdir(), 'spectrace-boundaries-'));
afterAll(() => rmSync(folder, { recursive: true }));

let repositories = 0;

/** The rules that a small repository of these files breaks, each once. */
const broken = async (files: Files): Promise<string[]> => {
  const baseDir = join(folder, String((repositories += 1)));
  mkdirSync(baseDir);
  for (const path of ['node_modules', 'package.json', 'tsconfig.json', 'tsconfig.base.json'])
    symlinkSync(join(root, path), join(baseDir, path));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(baseDir, path)), { recursive: true });
    writeFileSync(join(baseDir, path), text);
  }
  const folders = new Set(Object.keys(files).map((path) => path.split('/', 1)[0]!));
  const { output } = await cruise([...folders], { ...options, baseDir, preserveSymlinks: true });
  return [...new Set((output as ICruiseResult).summary.violations.map(({ rule }) => rule.name))];
};

describe.each(Object.entries(plantedImports))('%s', (rule, { violates, allowed }) => {
  it.each(violates)('is broken by planted violation %#', async (files) => expect(await broken(files)).toEqual([rule]));
  it.each(allowed)('is kept by example %#', async (files) => expect(await broken(files)).toEqual([]));
});

it('every boundary has planted violations and examples', () => {
  const names = options.ruleSet!.forbidden!.map(({ name }) => name);
  expect(Object.keys(plantedImports).sort()).toEqual(names.sort());
  for (const { violates, allowed } of Object.values(plantedImports)) {
    expect(Math.min(violates.length, allowed.length)).toBeGreaterThan(0);
  }
});
