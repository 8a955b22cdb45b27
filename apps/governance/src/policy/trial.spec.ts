import { beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundleFiles } from './bundle-file.rules.js';
import { readBundle, readFolder } from './bundle.js';
import { BundleTrial } from './trial.js';
import type { RecordedInput } from './trial.types.js';

let shipped: BundleFiles;
const trial = new BundleTrial();
beforeAll(async () => {
  shipped = await readFolder(join(import.meta.dirname, '../../../../policies'));
});
const edited = (file: string, change: (text: string) => string): BundleFiles => ({
  ...shipped,
  [file]: change(shipped[file] ?? ''),
});
const check = async (files: BundleFiles) => (await trial.run({ files, house: shipped })).check;

describe('a bundle on trial', () => {
  it('that is as it should be has its policies counted and its tests run', async () => {
    const { policies, tests, digest } = readBundle(shipped);
    expect(await check(shipped)).toEqual({
      problems: [],
      tests_passed: tests.length,
      tests_failed: 0,
      policies: Object.keys(policies).length,
      digest,
    });
  });

  const deep = `@id("deep") @sentence("x") permit (principal, action, resource) when { ${'('.repeat(300)}true${')'.repeat(300)} };`;
  it.each<[string, () => BundleFiles, RegExp]>([
    ['brackets that would kill the engine', () => edited('effects.cedar', () => deep), /nested deeper than 64/],
    ['an attribute nobody declared', () => edited('effects.cedar', (text) => text.replace('.held', '.hold')), /hold/],
    ['more text than is read', () => edited('big.cedar', () => `//${'x'.repeat(256 * 1024)}`), /256 KiB/],
    ['a file that is none of a bundle', () => ({ ...shipped, '../x.cedar': '' }), /no file of a bundle/],
    ['a file that is missing', () => ({ 'runs.cedar': shipped['runs.cedar']! }), /is missing/],
    [
      'no tests',
      () => Object.fromEntries(Object.entries(shipped).filter(([name]) => !name.startsWith('tests/'))),
      /needs tests of its own/,
    ],
    ['YAML that is deep', () => edited('path-classes.yaml', () => '['.repeat(100_000)), /./],
  ])('with %s is refused', async (_name, files, message) => {
    const { problems } = await check(files());
    expect(problems[0]?.message).toMatch(message);
  });

  it('that fails its own tests is refused at the line of the test', async () => {
    const { problems, tests_failed } = await check(
      edited('path-classes.yaml', (text) => text.replace('data/**', 'date/**')),
    );
    expect(tests_failed).toBe(problems.length);
    expect(problems[0]).toMatchObject({ file: expect.stringMatching(/^tests\//), line: expect.any(Number) });
  });

  it('cannot allow what the shipped bundle forbids', async () => {
    const { [`effects.cedar`]: _gone, ...rest } = shipped;
    const open = '@id("all") @sentence("Everything.") permit (principal, action, resource);';
    const { problems } = await check({ ...rest, 'open.cedar': open });
    const messages = problems.map(({ message }) => message).join('\n');
    expect(messages).toContain('came out as allow');
    expect(messages).not.toContain('for good and without a hold');
  });
});

describe('a replay', () => {
  const input = (paths: string[], risk = 0.1): RecordedInput => ({
    execution_id: '01936f5e-7c00-7000-8000-000000000001',
    step: 1,
    index: 0,
    at: '2026-11-20T10:00:00.000Z',
    inexact: false,
    request: {
      ...readBundle(shipped).tests.find(({ name }) => name === 'an ordinary file is written')!.request,
      risk,
      target: { kind: 'path', paths },
    },
  });

  it('tells what would be decided otherwise, and by which policies', async () => {
    const stricter = edited('path-classes.yaml', (text) => `${text}  - pattern: build/**\n    class: protected\n`);
    const tests = ['tests/files.yaml', 'tests/sends.yaml'];
    const elsewhere = tests.map((name) => [name, shipped[name]!.replaceAll('build/', 'out/')]);
    const files = { ...stricter, ...Object.fromEntries(elsewhere) };
    const inputs = [input(['build/a']), input(['src/a']), input(['build/b'], 0.9)];
    const { replay, check: checked } = await trial.run({ files, house: shipped, replay: { inForce: shipped, inputs } });
    expect(checked.problems).toEqual([]);
    expect(replay).toMatchObject({ replayed: 3, flipped: 1, kinds: [{ from: 'allow', to: 'ask 2', count: 1 }] });
    expect(replay!.flips).toMatchObject([
      {
        summary: 'file.write@v1 on build/a by tidy, risk 0.1',
        from: { determining_policies: ['change-ordinary-files'] },
        to: { determining_policies: ['change-protected-files'] },
      },
    ]);
  });
});

describe('a process that misbehaves refuses its bundle, and the next one is tried all the same', () => {
  const misbehaving: [string, string, RegExp][] = [
    ['hangs', 'process.on("message", () => { for (;;); })', /took longer than 1 s/],
    ['crashes', 'process.on("message", () => process.abort())', /crashed/],
    ['ends without a word', 'process.on("message", () => process.exit(0))', /crashed/],
    [
      'wants more memory than it may have',
      `process.on("message", () => {
         const all = [];
         for (let n = 0; n < 64; n++) all.push(new Uint8Array(new WebAssembly.Memory({ initial: 512 }).buffer).fill(1));
         process.send({ check: { problems: [] } });
       })`,
      /crashed/,
    ],
  ];
  it.each(misbehaving)('%s', async (name, script, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'spectrace-trial-'));
    try {
      const entry = join(folder, 'entry.mjs');
      writeFileSync(entry, script);
      const checkMs = name === 'hangs' ? 1_000 : 20_000;
      const bad = new BundleTrial({ checkMs, replayMs: checkMs, memoryMib: 1_024 }, [entry]);
      const [one, two] = await Promise.all([1, 2].map(() => bad.run({ files: {}, house: shipped })));
      expect(one!.check.problems).toEqual([{ message: expect.stringMatching(message) }]);
      expect(two).toEqual(one);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
