import { describe, expect, it } from '@jest/globals';
import { sha256 } from '#kernel';
import { type Change, type ChangeKind, diffManifests, type ManifestEntry, manifestOf } from '#snapshots';
import fc from 'fast-check';
import { contractOfEdit, describeContract, judge, makeContract, ownChanges } from './contract.rules.js';
import type { Expectation, ToolEffect } from './contract.types.js';

const file = (path: string, content = path): ManifestEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  size: content.length,
  sha256: sha256(content),
});
const folder = (path: string): ManifestEntry => ({ path, type: 'directory', mode: 0o755 });

const SHELL: ToolEffect = { may: 'whole', must: [] };
const NOTHING: ToolEffect = { may: [], must: [] };
const deletes = (path: string): ToolEffect => ({
  may: [{ match: 'below', path, change: 'deleted' }],
  must: [{ match: 'exact', path, change: 'deleted' }],
});
const writes = (path: string, content: string): ToolEffect => ({
  may: [
    { match: 'exact', path, change: 'created' },
    { match: 'exact', path, change: 'modified' },
    { match: 'exact', path: path.split('/')[0]!, change: 'created' },
  ],
  must: [],
  content: { path, sha256: sha256(content) },
});

const contractOf = (effect: ToolEffect, expectation?: Expectation) =>
  makeContract({ tool: 'a.tool@v1', args_digest: sha256('arguments'), effect }, expectation);

/** Judges the difference of two worlds, each the entries it holds. */
const judged = (
  effect: ToolEffect,
  expectation: Expectation | undefined,
  [before, after]: [ManifestEntry[], ManifestEntry[]],
  tool_ok = true,
) => {
  const [old, now] = [manifestOf(before), manifestOf(after)];
  return judge(contractOf(effect, expectation), { before: old, after: now, changes: diffManifests(old, now), tool_ok });
};

describe('a program that can reach the whole workspace', () => {
  it.each<[string, Expectation | undefined, [ManifestEntry[], ManifestEntry[]], string]>([
    ['changes nothing and is expected to change nothing', undefined, [[file('a')], [file('a')]], 'verified'],
    ['changes something and nothing was expected', undefined, [[file('a')], [file('a', 'x')]], 'deviated'],
    ['creates what is expected', { created: ['out/*'] }, [[], [file('out/x')]], 'verified'],
    ['deletes what may only be modified', { modified: ['a'] }, [[file('a')], []], 'deviated'],
    ['creates a file beside the expected one', { created: ['a'] }, [[], [file('a'), file('b')]], 'deviated'],
    [
      'changes a dot file below the pattern',
      { modified: ['src/**'] },
      [[file('src/.env')], [file('src/.env', 'x')]],
      'verified',
    ],
    ['changes a name with a newline', { created: ['out/**'] }, [[], [file('out/a\nb')]], 'verified'],
    ['changes only a mode', { modified: ['a'] }, [[file('a')], [{ ...file('a'), mode: 0o755 }]], 'verified'],
    ['does not do what it must', { must: { created: ['out/*'] } }, [[], []], 'deviated'],
    ['does one of the things it must', { must: { created: ['a', 'b'] } }, [[], [file('a')]], 'deviated'],
    [
      'does what it must, which is thereby expected',
      { must: { created: ['out/*'] } },
      [[], [file('out/a')]],
      'verified',
    ],
    [
      'changes what is forbidden and expected',
      { created: ['out/**'], forbidden: ['out/keep'] },
      [[], [file('out/keep')]],
      'deviated',
    ],
    [
      'puts a newline into the name of what is forbidden',
      { created: ['out/*'], forbidden: ['out/**'] },
      [[], [file('out/k\nx')]],
      'deviated',
    ],
    ['leaves the forbidden alone', { created: ['out/**'], forbidden: ['out/keep'] }, [[], [file('out/x')]], 'verified'],
  ])('%s', (_, expectation, worlds, verdict) => {
    expect(judged(SHELL, expectation, worlds).verdict).toBe(verdict);
  });

  it('names every deviation in a sentence with its path', () => {
    const expectation = { must: { created: ['c'] }, forbidden: ['b'] };
    expect(judged(SHELL, expectation, [[], [file('a'), file('b')]]).deviations).toEqual([
      { path: 'a', change: 'created', reason: 'a was created, which the contract does not expect.' },
      { path: 'b', change: 'created', reason: 'b was created, which the contract forbids.' },
      { path: 'c', change: 'created', reason: 'c should have been created and was not.' },
    ]);
  });

  it('that fails may leave no trace, not even an expected one', () => {
    const worlds: [ManifestEntry[], ManifestEntry[]] = [[], [file('out/a')]];
    expect(judged(SHELL, { created: ['out/*'] }, worlds, false)).toEqual({
      verdict: 'deviated',
      deviations: [{ path: 'out/a', change: 'created', reason: 'out/a was created by an action that failed.' }],
    });
    expect(judged(SHELL, { must: { created: ['out/*'] } }, [[], []], false).verdict).toBe('verified');
  });
});

describe('a tool that reaches only what it names', () => {
  it.each<[string, ToolEffect, [ManifestEntry[], ManifestEntry[]], string]>([
    [
      'somebody else changes another file meanwhile',
      deletes('a'),
      [[file('a'), file('b')], [file('b', 'x')]],
      'inconclusive',
    ],
    [
      'it does not do its work while somebody else changes another file',
      deletes('a'),
      [[file('a')], [file('a'), file('b')]],
      'deviated',
    ],
    ['it deletes a folder with everything in it', deletes('a'), [[folder('a'), file('a/.b')], []], 'verified'],
    ['it leaves part of the folder', deletes('a'), [[folder('a'), file('a/b')], [folder('a')]], 'deviated'],
    ['what it deletes is not there', deletes('a'), [[], []], 'verified'],
    ['a neighbour with the same beginning is deleted', deletes('a'), [[file('a'), file('ab')], []], 'inconclusive'],
    ['it writes what it should', writes('d/f', 'new'), [[], [folder('d'), file('d/f', 'new')]], 'verified'],
    ['the content is there already', writes('f', 'new'), [[file('f', 'new')], [file('f', 'new')]], 'verified'],
    ['it writes something else', writes('f', 'new'), [[], [file('f', 'old')]], 'deviated'],
    ['it writes nothing', writes('f', 'new'), [[], []], 'deviated'],
    ['a folder on the way is deleted', writes('d/f', 'new'), [[folder('d')], [file('d/f', 'new')]], 'deviated'],
    ['a reader changes nothing while somebody else does', NOTHING, [[], [file('x')]], 'inconclusive'],
  ])('%s', (_, effect, worlds, verdict) => {
    expect(judged(effect, undefined, worlds).verdict).toBe(verdict);
  });

  it('is narrowed by an expectation, never widened', () => {
    const worlds: [ManifestEntry[], ManifestEntry[]] = [[folder('a'), file('a/x'), file('a/y')], []];
    expect(judged(deletes('a'), { deleted: ['a/**'] }, worlds).verdict).toBe('verified');
    expect(judged(deletes('a'), { deleted: ['a', 'a/x'] }, worlds).verdict).toBe('deviated');
    expect(judged(deletes('a'), { created: ['b'] }, [[file('a')], [file('b')]]).verdict).toBe('deviated');
  });

  it('that fails leaves no trace of its own, and what others did is not taken for it', () => {
    expect(judged(deletes('a'), undefined, [[file('a')], []], false).verdict).toBe('deviated');
    expect(judged(deletes('a'), undefined, [[file('a')], [file('a'), file('b')]], false).verdict).toBe('inconclusive');
  });

  it('takes glob characters in the names it acts on literally', () => {
    expect(judged(deletes('*'), undefined, [[file('*')], []]).verdict).toBe('verified');
    expect(judged(deletes('*'), undefined, [[file('*'), file('a')], []]).verdict).toBe('inconclusive');
    expect(judged(deletes('[a]{b}'), undefined, [[folder('[a]{b}'), file('[a]{b}/c')], []]).verdict).toBe('verified');
  });

  it('owns the changes it can have made, and only those', () => {
    const change = (path: string): Change => ({ path, change: 'created' });
    const own = (effect: ToolEffect) =>
      ownChanges(contractOf(effect), ['d', 'd/f', 'd/other', 'x'].map(change)).map(({ path }) => path);
    expect(own(writes('d/f', 'new'))).toEqual(['d', 'd/f']);
    expect(own(NOTHING)).toEqual([]);
    expect(own(SHELL)).toEqual(['d', 'd/f', 'd/other', 'x']);
  });
});

describe('a contract that contradicts itself is refused', () => {
  it.each<[string, ToolEffect, Expectation]>([
    ['required and forbidden by the same pattern', SHELL, { must: { created: ['a/*'] }, forbidden: ['a/*'] }],
    ['required inside what is forbidden', SHELL, { must: { deleted: ['data/x'] }, forbidden: ['data/**'] }],
    ['the tool itself must delete what is forbidden', deletes('data'), { forbidden: ['data/**'] }],
    ['the tool itself writes what is forbidden', writes('data', 'new'), { forbidden: ['data'] }],
  ])('%s', (_, effect, expectation) => {
    expect(() => contractOf(effect, expectation)).toThrow(expect.objectContaining({ code: 'contract.contradictory' }));
  });
});

describe('a path that policy guards and nobody was asked about', () => {
  const contract = contractOf(SHELL, { deleted: ['?ata/*', 'logs/**'] });
  const observed = (path: string) => {
    const before = manifestOf([{ path, type: 'file', mode: 0o644, size: 0, sha256: sha256('') }]);
    const after = manifestOf([]);
    return { before, after, changes: diffManifests(before, after), tool_ok: true };
  };
  it.each([
    ['data/c.db', ['data/**'], 'deviated'],
    ['data/c.db', ['DATA/**'], 'deviated'],
    ['data/c.db', [], 'verified'],
    ['logs/a', ['data/**'], 'verified'],
    ['logs/.env', ['**/.env*/**'], 'deviated'],
  ])('%s beside %j: %s', (path, guarded, verdict) => {
    expect(judge(contract, observed(path), guarded).verdict).toBe(verdict);
  });
});

it('is described by the changes it allows, each once', () => {
  expect(describeContract(contractOf(deletes('a')))).toEqual(['deleted a/**']);
  expect(describeContract(contractOf(SHELL, { created: ['b'], must: { created: ['b'] } }))).toEqual(['created b']);
  expect(contractOf(SHELL).exit_codes).toEqual([0]);
  expect(contractOf(SHELL, { exit_codes: [1] }).exit_codes).toEqual([1]);
});

describe('whatever happens', () => {
  const paths = fc.constantFrom('a', 'a/b', 'a/b/c', 'b', '.c', 'd/e', 'x\ny');
  const kinds = fc.constantFrom<ChangeKind>('created', 'modified', 'deleted');
  const change = fc.record({ path: paths, change: kinds });
  const patterns = fc.array(fc.constantFrom('a', 'a/**', 'a/*', '?', 'd/{e,f}', '.c'), { maxLength: 2 });
  const expectation = fc.record({ created: patterns, modified: patterns, deleted: patterns, forbidden: patterns });
  const effect = fc.constantFrom(SHELL, NOTHING, deletes('a'), writes('d/e', 'new'));
  const world = manifestOf([]);
  const verdictOf = (contract: ReturnType<typeof contractOf>, changes: Change[], tool_ok: boolean) =>
    judge(contract, { before: world, after: world, changes, tool_ok }).verdict;
  const cases = fc
    .tuple(effect, expectation, fc.uniqueArray(change, { selector: ({ path }) => path }), fc.boolean())
    .map(([made, stated, changes, ok]) => {
      try {
        return { contract: contractOf(made, stated), changes, ok };
      } catch {
        return { contract: contractOf(made), changes, ok };
      }
    });

  it('one more change that is not expected never makes anything verified', () => {
    fc.assert(
      fc.property(cases, kinds, ({ contract, changes, ok }, kind) => {
        const more = [...changes, { path: 'surprise/of/nobody', change: kind }];
        expect(verdictOf(contract, more, ok)).not.toBe('verified');
        if (verdictOf(contract, changes, ok) === 'deviated') expect(verdictOf(contract, more, ok)).toBe('deviated');
      }),
    );
  });

  it('verified means that every change alone is verified, apart from what must happen', () => {
    fc.assert(
      fc.property(cases, ({ contract, changes, ok }) => {
        const lenient = { ...contract, must: [], content: null };
        if (verdictOf(contract, changes, ok) !== 'verified') return;
        for (const one of changes) expect(verdictOf(lenient, [one], ok)).toBe('verified');
        if (!ok) expect(changes).toEqual([]);
      }),
    );
  });
});

describe('the contract of edited arguments', () => {
  const args_digest = sha256('edited');
  const stated: Expectation = { created: ['a/**'], must: { deleted: ['a/b'] }, forbidden: ['a/c'], exit_codes: [0, 3] };

  it.each<[string, ToolEffect, ToolEffect]>([
    ['of a deletion', deletes('a/b'), deletes('a/x')],
    ['of a write', writes('a/b', 'one'), writes('a/x', 'two')],
    ['of a command', SHELL, SHELL],
    ['of a reading', NOTHING, NOTHING],
  ])('%s is the one that its author would have got for them', (_name, asked, edited) => {
    for (const expectation of [stated, {}]) {
      const made = makeContract({ tool: 'a.tool@v1', args_digest, effect: edited }, expectation);
      expect(contractOfEdit(contractOf(asked, expectation), { args_digest, effect: edited })).toEqual(made);
    }
  });

  it('is refused where it must change what its author forbids', () => {
    const contract = contractOf(deletes('a/b'), stated);
    expect(() => contractOfEdit(contract, { args_digest, effect: deletes('a/c') })).toThrow(
      expect.objectContaining({ code: 'contract.contradictory' }),
    );
  });
});
