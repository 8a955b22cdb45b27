import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { byPath, entriesByPath, sameEntry } from './manifest.rules.js';
import type { ManifestEntry } from './manifest.types.js';
import { planRestore, type RestorePlan } from './restore-plan.rules.js';
import { parentOf, temporaryNameFor } from './workspace-path.rules.js';

const file = (path: string, fill = 'a', mode = 0o644): ManifestEntry => ({
  path,
  type: 'file',
  mode,
  size: 1,
  sha256: `sha256:${fill}`,
});
const directory = (path: string, mode = 0o755): ManifestEntry => ({ path, type: 'directory', mode });
const symlink = (path: string, target = 'x'): ManifestEntry => ({ path, type: 'symlink', mode: 0o777, target });

const names = (plan: RestorePlan) => ({
  clear: plan.clear,
  place: plan.place.map(({ path }) => path),
  mode: plan.mode.map(({ path }) => path),
  conflicts: plan.conflicts.map(({ path }) => path),
});
const nothing = { clear: [], place: [], mode: [], conflicts: [] };

/** Arbitrary folders over a few names, closed under parents: what is below something else than a directory is dropped. */
const anyTree = fc
  .uniqueArray(
    fc
      .tuple(fc.constantFrom('a', 'b', 'a/c', 'a/d', 'a/c/e', 'b/f'), fc.nat(4), fc.constantFrom('1', '2'))
      .map(([path, kind, fill]) => {
        const all = [file(path, fill), file(path, fill, 0o600), directory(path), directory(path, 0o555), symlink(path)];
        return all[kind]!;
      }),
    { selector: (entry) => entry.path },
  )
  .map((entries) => {
    const kept = new Map<string, ManifestEntry>([['', directory('')]]);
    for (const entry of entries.sort(byPath)) {
      if (kept.get(parentOf(entry.path))?.type === 'directory') kept.set(entry.path, entry);
    }
    return [...kept.values()].slice(1);
  });

/** The states a folder goes through while a plan is carried out, each a possible place of death. */
function statesOf(now: ManifestEntry[], plan: RestorePlan): ManifestEntry[][] {
  const entries = entriesByPath(now);
  const states = [now];
  const note = () => states.push([...entries.values()].sort(byPath));
  for (const path of plan.clear) {
    expect([...entries.keys()].filter((other) => other.startsWith(`${path}/`))).toEqual([]);
    entries.delete(path);
    note();
  }
  for (const entry of plan.place) {
    const parent = parentOf(entry.path);
    expect(parent === '' || entries.get(parent)?.type === 'directory').toBe(true);
    entries.set(entry.path, entry.type === 'directory' ? { ...entry, mode: entry.mode | 0o700 } : entry);
    note();
  }
  for (const entry of [...plan.mode, ...plan.place.filter(({ type }) => type === 'directory').reverse()]) {
    entries.set(entry.path, entry);
    note();
  }
  return states;
}

describe('a plan to restore', () => {
  test('what the run left alone is left alone', () => {
    const same = [directory('d'), file('d/x')];
    expect(names(planRestore(same, same, same))).toEqual(nothing);
  });

  test('clears inside out, places outside in, sets modes inside out', () => {
    const before = [directory('d', 0o555), directory('d/e'), file('d/e/x'), file('m')];
    const left = [directory('d', 0o755), file('m', 'a', 0o600), directory('n'), file('n/y')];
    expect(names(planRestore(before, left, left))).toEqual({
      clear: ['n/y', 'n'],
      place: ['d/e', 'd/e/x'],
      mode: ['m', 'd'],
      conflicts: [],
    });
  });

  test.each<[string, ManifestEntry[], ManifestEntry[], ManifestEntry[], string[]]>([
    ['changed what the run changed', [file('x')], [file('x', 'b')], [file('x', 'c')], ['x']],
    ['changed what the run left alone', [file('x')], [file('x')], [file('x', 'c')], ['x']],
    ['deleted what the run left alone', [file('x')], [file('x')], [], ['x']],
    ['created something new', [], [], [file('x')], ['x']],
    ['changed what the run created', [], [file('x')], [file('x', 'c')], ['x']],
    ['created what the run deleted', [file('x')], [], [file('x', 'c')], ['x']],
    ['put something into a folder of the run', [], [directory('d')], [directory('d'), file('d/x')], ['d', 'd/x']],
    ['deleted the folder of what the run deleted', [directory('d'), file('d/x')], [directory('d')], [], ['d', 'd/x']],
    [
      'put a file where a folder was that the run emptied',
      [directory('d'), file('d/x')],
      [directory('d')],
      [file('d')],
      ['d', 'd/x'],
    ],
    ['changed a mode', [file('x')], [file('x', 'b')], [file('x', 'b', 0o600)], ['x']],
    [
      'made a folder writable that nobody worked in',
      [directory('d', 0o555)],
      [directory('d', 0o555)],
      [directory('d')],
      ['d'],
    ],
  ])('keeps out when somebody else %s', (_, before, left, now, conflicts) => {
    expect(names(planRestore(before, left, now))).toEqual({ ...nothing, conflicts });
  });

  test('takes everything for the run when nobody knows what it left', () => {
    const plan = planRestore([file('x'), file('y')], null, [file('x', 'c'), directory('d'), file('d/z')]);
    expect(names(plan)).toEqual({ clear: ['d/z', 'd'], place: ['x', 'y'], mode: [], conflicts: [] });
  });

  test('what no manifest can describe is foreign and keeps its folder', () => {
    const fifo = [{ path: 'd/fifo', reason: 'is a FIFO' }];
    expect(planRestore([], [directory('d')], [directory('d')], fifo).conflicts).toEqual([
      { path: 'd', reason: 'contains what somebody else changed' },
      { path: 'd/fifo', reason: 'is a FIFO' },
    ]);
    expect(names(planRestore([], null, [directory('d')], fifo))).toEqual({ ...nothing, clear: ['d'] });
    expect(names(planRestore([file('d')], [], [], [{ path: 'd', reason: 'is a FIFO' }])).conflicts).toEqual(['d']);
  });

  test('clears the temporary file of a restore that died', () => {
    const temporary = temporaryNameFor('0198a5f0-0000-7000-8000-000000000000');
    const plan = planRestore([file('x')], [file('x', 'b')], [file(temporary, 'c', 0o600), file('x', 'b')]);
    expect(names(plan)).toEqual({ clear: [temporary], place: ['x'], mode: [], conflicts: [] });
  });

  test('reaches the manifest from before, whatever the run did', () => {
    fc.assert(
      fc.property(anyTree, anyTree, fc.boolean(), (before, left, isKnown) => {
        const plan = planRestore(before, isKnown ? left : null, left);
        expect(plan.conflicts).toEqual([]);
        expect(statesOf(left, plan).at(-1)).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  test('goes on from every state a restore can die in', () => {
    fc.assert(
      fc.property(anyTree, anyTree, (before, left) => {
        for (const state of statesOf(left, planRestore(before, left, left))) {
          const again = planRestore(before, left, state);
          expect(again.conflicts).toEqual([]);
          expect(statesOf(state, again).at(-1)).toEqual(before);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('never touches a path that is neither as before nor as the run left it', () => {
    fc.assert(
      fc.property(anyTree, anyTree, anyTree, (before, left, now) => {
        const plan = planRestore(before, left, now);
        const end = entriesByPath(statesOf(now, plan).at(-1)!);
        const [old, made] = [entriesByPath(before), entriesByPath(left)];
        for (const entry of now) {
          const isForeign = ![old, made].some((side) => {
            const known = side.get(entry.path);
            return known?.type === entry.type && known.sha256 === entry.sha256 && known.target === entry.target;
          });
          if (isForeign) expect(sameEntry(end.get(entry.path), entry)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
