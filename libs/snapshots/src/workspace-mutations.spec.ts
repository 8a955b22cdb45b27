import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MapBlobs, roomy, Scratch } from '../test/workspace-fixture.js';
import { WorkspaceHold } from './workspace-hold.js';
import { WorkspaceRoot } from './workspace-root.js';

const mutationRuns = 300;

interface Mutation {
  kind: 'write' | 'delete' | 'chmod' | 'link' | 'folder';
  path: string;
  content: string;
  mode: number;
}

const names = ['a', '.b', '-c', 'd\ne'];
const anyPath = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const anyMutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('write', 'write', 'delete', 'chmod', 'link', 'folder'),
  path: anyPath,
  content: fc.constantFrom('', 'x', 'y', 'long '.repeat(20_000)),
  mode: fc.constantFrom(0o600, 0o644, 0o755, 0o700),
});

/** Carries out one mutation; whatever is in its way, of whatever type, goes. */
function mutate(scratch: Scratch, { kind, path, content, mode }: Mutation): void {
  const here = scratch.at(path);
  const present = lstatSync(here, { throwIfNoEntry: false });
  if (kind === 'delete') return rmSync(here, { recursive: true, force: true });
  if (kind === 'chmod') {
    if (present && !present.isSymbolicLink()) chmodSync(here, present.isDirectory() ? mode | 0o700 : mode);
    return;
  }
  for (let above = dirname(path); above !== '.'; above = dirname(above)) {
    const parent = lstatSync(scratch.at(above), { throwIfNoEntry: false });
    if (parent && !parent.isDirectory()) rmSync(scratch.at(above));
  }
  mkdirSync(dirname(here), { recursive: true });
  if (present && !(kind === 'write' && present.isFile())) rmSync(here, { recursive: true });
  if (kind === 'write') writeFileSync(here, content);
  if (kind === 'link') symlinkSync(content.slice(0, 1) || '../outside', here);
  if (kind === 'folder') mkdirSync(here, { mode: mode | 0o700 });
}

/** `lstat` cannot look below what is not a directory. */
const safely = (scratch: Scratch, mutation: Mutation): void => {
  try {
    mutate(scratch, mutation);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOTDIR') throw error;
  }
};

test('whatever a run did, the folder comes back and the digest proves it', async () => {
  let changedRuns = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyMutation, { maxLength: 12 }),
      fc.array(anyMutation, { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      async (earlier, run, isKnown) => {
        using scratch = new Scratch();
        const root = await WorkspaceRoot.open(scratch.path, { roots: [scratch.base], refuse: [] });
        const hold = new WorkspaceHold(root, new MapBlobs(), roomy);
        for (const mutation of earlier) safely(scratch, mutation);
        const before = await hold.take();
        for (const mutation of run) safely(scratch, mutation);
        const left = await hold.observe();
        if (left.digest !== before.digest) changedRuns += 1;
        const outcome = await hold.restore(before, isKnown ? left : null);
        expect(outcome).toMatchObject({ outcome: 'undone', digest: before.digest });
        expect((await hold.observe()).entries).toEqual(before.entries);
        expect(readdirSync(scratch.outside)).toEqual([]);
      },
    ),
    { numRuns: mutationRuns },
  );
  expect(changedRuns).toBeGreaterThan(mutationRuns / 2);
}, 120_000);
