import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadBundle } from './bundle.js';

const SHIPPED = join(import.meta.dirname, '../../../../policies');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policies-'));
  await cp(SHIPPED, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

const edit = async (file: string, change: (text: string) => string): Promise<void> =>
  writeFile(join(folder, file), change(await readFile(join(folder, file), 'utf8')));

describe('a folder of policies', () => {
  it('is read whole, each policy under its own id and at its line', async () => {
    const bundle = await loadBundle(SHIPPED, 7);
    expect(bundle.epoch).toBe(7);
    expect(Object.keys(bundle.policies)).toContain('stay-inside-workspace');
    const { file, line } = bundle.places['stay-inside-workspace']!;
    const lines = (await readFile(join(SHIPPED, file), 'utf8')).split('\n');
    expect(lines[line - 1]).toBe('@id("stay-inside-workspace")');
  });

  it('has the digest of what decides, not of its tests', async () => {
    const { digest } = await loadBundle(SHIPPED);
    await edit('tests/files.yaml', (text) => `${text}\n# one more line\n`);
    expect((await loadBundle(folder)).digest).toBe(digest);
    await edit('commands.cedar', (text) => text.replace('"0.9"', '"0.8"'));
    expect((await loadBundle(folder)).digest).not.toBe(digest);
  });
});

describe('a bad folder is refused, with file and line', () => {
  const added = '\n@id("added")\n@sentence("Added.")\npermit (principal, action, resource)';
  const cases: [string, string, (text: string) => string, RegExp][] = [
    [
      'a syntax error',
      'effects.cedar',
      () => '\n\n@id("a") @sentence("b")\npermit (principal, action, ressource);',
      /effects\.cedar:4: /,
    ],
    [
      'an attribute nobody declared',
      'effects.cedar',
      () => `${added}\nwhen {\n  context.riskk\n};`,
      /effects\.cedar:6: .*riskk/,
    ],
    [
      'an optional attribute without a check',
      'effects.cedar',
      () => `${added}\nwhen { context.risk.lessThan(decimal("0.5")) };`,
      /effects\.cedar:5: .*risk/,
    ],
    [
      'no id',
      'effects.cedar',
      () => '\n@sentence("b")\npermit (principal, action, resource);',
      /effects\.cedar:2: @id must match/,
    ],
    [
      'no sentence',
      'effects.cedar',
      () => '\n@id("a")\npermit (principal, action, resource);',
      /effects\.cedar:2: @sentence must say/,
    ],
    [
      'an id taken in another file',
      'runs.cedar',
      (text) => `${text}${added.replace('added', 'read-files')};`,
      /runs\.cedar:\d+: the id "read-files" is taken/,
    ],
    [
      'a template',
      'effects.cedar',
      () => '\n@id("a") @sentence("b") permit (principal == ?principal, action, resource);',
      /effects\.cedar:2: /,
    ],
    [
      'deep nesting',
      'effects.cedar',
      () => `\n${added}\nwhen { ${'('.repeat(70)}true${')'.repeat(70)} };`,
      /effects\.cedar:6: brackets are nested/,
    ],
    [
      'a schema error',
      'schema.cedarschema',
      (text) => text.replace('registered: Bool', 'registered: Boool'),
      /schema\.cedarschema:\d+: /,
    ],
    [
      'a path class nobody declared',
      'path-classes.yaml',
      (text) => text.replace('class: vcs', 'class: vsc'),
      /path-classes\.yaml:1\d: class "vsc"/,
    ],
    [
      'a path class rule with a typo',
      'path-classes.yaml',
      (text) => text.replace('pattern: data', 'patern: data'),
      /path-classes\.yaml:12: must hold/,
    ],
    [
      'a sensitive class that no rule has',
      'path-classes.yaml',
      (text) => text.replace('sensitive: [protected', 'sensitive: [outside'),
      /path-classes\.yaml:6: must be a list of classes/,
    ],
    ['a duplicate key', 'path-classes.yaml', (text) => `${text}\nclasses: []\n`, /path-classes\.yaml:\d+: .*unique/],
    [
      'a test with half a request',
      'tests/runs.yaml',
      (text) => text.replace('risk: 0.1', 'risk: high'),
      /tests\/runs\.yaml:\d+: request \/risk/,
    ],
    [
      'a test that expects nothing',
      'tests/runs.yaml',
      (text) => text.replace('decision: allow', 'desicion: allow'),
      /tests\/runs\.yaml:\d+: `expect` needs/,
    ],
  ];
  it.each(cases)('%s', async (_name, file, change, message) => {
    await edit(file, change);
    await expect(loadBundle(folder)).rejects.toMatchObject({
      code: 'policy.bundle_invalid',
      message: expect.stringMatching(message),
      details: {
        errors: expect.arrayContaining([{ path: expect.stringMatching(/:\d+$/), message: expect.any(String) }]),
      },
    });
  });
});
