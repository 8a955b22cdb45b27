import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MapBlobs, roomy, Scratch } from '../test/workspace-fixture.js';
import type { Manifest, RestoreOutcome } from './manifest.types.js';
import { WorkspaceHold } from './workspace-hold.js';
import { WorkspaceRoot } from './workspace-root.js';

let scratch: Scratch;
let blobs: MapBlobs;
let hold: WorkspaceHold;
const at = (path: string) => scratch.at(path);

beforeEach(async () => {
  scratch = new Scratch();
  const root = await WorkspaceRoot.open(scratch.path, { roots: [scratch.base], refuse: [] });
  blobs = new MapBlobs();
  hold = new WorkspaceHold(root, blobs, roomy);
});
afterEach(() => scratch[Symbol.dispose]());

/** Restores after a run whose end was observed, and after one whose end is not known. */

describe('what somebody else did meanwhile', () => {
  test('is kept and named, the rest is put back', async () => {
    for (const path of ['run', 'both', 'theirs']) writeFileSync(at(path), 'old');
    const before = await hold.take();
    writeFileSync(at('run'), 'by the run');
    writeFileSync(at('both'), 'by the run');
    mkdirSync(at('made'));
    const left = await hold.observe();
    appendFileSync(at('both'), ' and by a person');
    writeFileSync(at('theirs'), 'by a person');
    writeFileSync(at('made/notes'), 'by a person');
    const outcome = await hold.restore(before, left);
    expect(outcome).toMatchObject({
      outcome: 'conflict',
      digest: (await hold.observe()).digest,
      restored: ['run'],
      conflicts: [
        { path: 'both', reason: 'was changed by somebody else' },
        { path: 'made', reason: 'contains what somebody else changed' },
        { path: 'made/notes', reason: 'was created by somebody else' },
        { path: 'theirs', reason: 'was changed by somebody else' },
      ],
    });
    expect(readFileSync(at('run'), 'utf8')).toBe('old');
    expect(readFileSync(at('both'), 'utf8')).toBe('by the run and by a person');
    expect(readFileSync(at('made/notes'), 'utf8')).toBe('by a person');
  });

  test('in the middle of the restore is not overwritten either', async () => {
    for (const path of ['a', 'b']) writeFileSync(at(path), path);
    const before = await hold.take();
    rmSync(at('a'));
    writeFileSync(at('b'), 'by the run');
    const left = await hold.observe();
    const { get } = blobs;
    blobs.get = async function (this: MapBlobs, digest) {
      writeFileSync(at('a'), 'by a person');
      writeFileSync(at('b'), 'by a person');
      return get.call(this, digest);
    };
    const reason = 'was changed by somebody else during the restore';
    expect(await hold.restore(before, left)).toMatchObject({
      outcome: 'conflict',
      restored: [],
      conflicts: [
        { path: 'a', reason },
        { path: 'b', reason },
      ],
    });
    for (const path of ['a', 'b']) expect(readFileSync(at(path), 'utf8')).toBe('by a person');
    expect(readdirSync(scratch.path)).toEqual(['a', 'b']);
  });

  test('a folder they replaced by a link is not followed', async () => {
    mkdirSync(at('d'));
    writeFileSync(at('d/x'), 'x');
    const before = await hold.take();
    writeFileSync(at('d/x'), 'by the run');
    const left = await hold.observe();
    renameSync(at('d'), at('moved'));
    writeFileSync(`${scratch.outside}/x`, 'theirs');
    symlinkSync(scratch.outside, at('d'));
    expect(await hold.restore(before, left)).toMatchObject({ outcome: 'conflict' });
    expect(readFileSync(`${scratch.outside}/x`, 'utf8')).toBe('theirs');
  });
});

describe('bytes that cannot be put back', () => {
  async function afterLosing(lose: (digest: string) => void): Promise<[Manifest, RestoreOutcome]> {
    for (const path of ['lost', 'kept']) writeFileSync(at(path), path);
    const before = await hold.take();
    lose(before.entries.find(({ path }) => path === 'lost')?.sha256 ?? '');
    writeFileSync(at('lost'), 'by the run');
    rmSync(at('kept'));
    return [before, await hold.restore(before, await hold.observe())];
  }

  test('a missing blob fails its file and no other', async () => {
    const [, outcome] = await afterLosing((digest) => blobs.bytes.delete(digest));
    expect(outcome).toMatchObject({
      outcome: 'undo_failed',
      digest: (await hold.observe()).digest,
      restored: ['kept'],
      failures: [{ path: 'lost', reason: expect.stringContaining('could not be fetched: ENOENT') }],
    });
    expect(readFileSync(at('lost'), 'utf8')).toBe('by the run');
    expect(existsSync(at('kept'))).toBe(true);
  });

  test('a damaged blob is not written', async () => {
    const [, outcome] = await afterLosing((digest) => blobs.bytes.set(digest, Buffer.from('rotten')));
    expect(outcome).toMatchObject({
      outcome: 'undo_failed',
      failures: [{ path: 'lost', reason: expect.stringContaining('is damaged') }],
    });
    expect(readFileSync(at('lost'), 'utf8')).toBe('by the run');
  });

  test('a manifest that was tampered with is not followed', async () => {
    writeFileSync(at('x'), 'x');
    const before = await hold.take();
    const forged = { ...before, entries: [] };
    expect(await hold.restore(forged, null)).toMatchObject({ outcome: 'undo_failed', digest: null });
    expect(await hold.restore(before, { ...before, entries: [] })).toMatchObject({ outcome: 'undo_failed' });
    expect(existsSync(at('x'))).toBe(true);
  });

  test('a workspace that is gone is reported', async () => {
    const before = await hold.take();
    rmSync(scratch.path, { recursive: true });
    expect(await hold.restore(before, null)).toMatchObject({
      outcome: 'undo_failed',
      digest: null,
      failures: [{ path: scratch.path, reason: expect.stringContaining('not a directory that can be opened') }],
    });
  });
});
