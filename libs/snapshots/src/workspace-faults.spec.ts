import * as fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { MapBlobs, roomy, Scratch } from '../test/workspace-fixture.js';
import type { Manifest } from './manifest.types.js';
import type { WorkspaceHold as Hold } from './workspace-hold.js';
import type { WorkspaceRoot as Root } from './workspace-root.js';

/** Called before every system call that changes something; throws to make it fail. */
let beforeChange: (call: string) => void = () => undefined;

const changing = [
  'chmodSync',
  'fchmodSync',
  'fchownSync',
  'lchownSync',
  'mkdirSync',
  'renameSync',
  'rmdirSync',
  'symlinkSync',
  'unlinkSync',
] as const;

type Call = (...args: unknown[]) => unknown;

jest.unstable_mockModule('node:fs', () => {
  const guarded: Record<string, unknown> = { ...fs };
  for (const call of changing) {
    guarded[call] = (...args: unknown[]) => {
      beforeChange(call);
      return (fs[call] as Call)(...args);
    };
  }
  guarded.openSync = (path: string, flags: number, mode?: number) => {
    if (flags & fs.constants.O_CREAT) beforeChange('create');
    return fs.openSync(path, flags, mode);
  };
  guarded.write = (fd: number, bytes: Uint8Array, at: number, length: number, position: number, done: Call) => {
    try {
      beforeChange('write');
      return fs.write(fd, bytes, at, length, position, (error, bytesWritten) => done(error, { bytesWritten }));
    } catch (error) {
      // A disk that fills up has taken a part of the bytes.
      return fs.write(fd, bytes, at, length >> 1, position, () => done(error));
    }
  };
  return guarded;
});

const { WorkspaceHold } = await import('./workspace-hold.js');
const { WorkspaceRoot } = await import('./workspace-root.js');

class Death extends Error {}

let scratch: Scratch;
let root: Root;
let hold: Hold;
const at = (path: string) => scratch.at(path);

async function prepare(): Promise<void> {
  scratch = new Scratch();
  root = await WorkspaceRoot.open(scratch.path, { roots: [scratch.base], refuse: [] });
  hold = new WorkspaceHold(root, new MapBlobs(), roomy);
}

beforeEach(prepare);
afterEach(() => {
  beforeChange = () => undefined;
  scratch[Symbol.dispose]();
});

/** A folder and a run over it that need every kind of step to undo. */
async function heldRun(): Promise<{ before: Manifest; left: Manifest }> {
  fs.mkdirSync(at('gone/deep'), { recursive: true });
  fs.mkdirSync(at('ro'));
  for (const path of ['gone/deep/x', 'changed', 'to-folder', 'mode', 'ro/x']) fs.writeFileSync(at(path), path);
  fs.mkdirSync(at('to-file'));
  fs.writeFileSync(at('to-file/x'), 'x');
  fs.symlinkSync('changed', at('link'));
  fs.chmodSync(at('ro'), 0o555);
  fs.chmodSync(at('gone'), 0o750);
  const before = await hold.take();
  fs.chmodSync(at('ro'), 0o755);
  fs.rmSync(at('ro/x'));
  fs.chmodSync(at('ro'), 0o511);
  fs.rmSync(at('gone'), { recursive: true });
  fs.writeFileSync(at('changed'), 'other');
  fs.rmSync(at('to-folder'));
  fs.mkdirSync(at('to-folder/in'), { recursive: true });
  fs.chmodSync(at('to-folder'), 0o500);
  fs.rmSync(at('to-file'), { recursive: true });
  fs.writeFileSync(at('to-file'), '');
  fs.chmodSync(at('mode'), 0o600);
  fs.rmSync(at('link'));
  fs.writeFileSync(at('link'), '');
  fs.mkdirSync(at('created'));
  fs.writeFileSync(at('created/x'), '');
  return { before, left: await hold.observe() };
}

test.each([true, false])(
  'a restore that dies at any point is finished by the next one (left known: %s)',
  async (isKnown) => {
    for (let survived = 0; ; survived += 1) {
      const { before, left } = await heldRun();
      const known = isKnown ? left : null;
      let calls = 0;
      let hasDied = false;
      beforeChange = () => {
        // The dead do nothing more, not even clean up.
        if (calls++ < survived) return;
        hasDied = true;
        throw new Death();
      };
      const first = await hold.restore(before, known).catch((error: unknown) => error);
      beforeChange = () => undefined;
      if (!hasDied) {
        expect(first).toMatchObject({ outcome: 'undone' });
        // Fewer would mean that the calls are no longer seen.
        expect(survived).toBeGreaterThan(30);
        return;
      }
      expect(first).not.toHaveProperty('outcome');
      const second = await hold.restore(before, known);
      expect(second).toMatchObject({ outcome: 'undone', digest: before.digest });
      scratch[Symbol.dispose]();
      await prepare();
    }
  },
  60_000,
);

const diskFull = () => Object.assign(new Error('no space left on device'), { code: 'ENOSPC', syscall: 'write' });

describe('a disk that is full', () => {
  test('leaves the old file, whole, and nothing else', async () => {
    fs.writeFileSync(at('x'), 'old');
    beforeChange = (call) => {
      if (call === 'write') throw diskFull();
    };
    await expect(root.write('x', Buffer.from('new content'))).rejects.toMatchObject({
      code: 'workspace.disk_full',
      retryable: true,
      details: { path: 'x' },
    });
    expect(fs.readdirSync(scratch.path)).toEqual(['x']);
    expect(fs.readFileSync(at('x'), 'utf8')).toBe('old');
  });

  test('fails the restore with reasons, no half file, and the next restore goes on', async () => {
    const { before, left } = await heldRun();
    let writes = 0;
    beforeChange = (call) => {
      if (call === 'write' && ++writes > 2) throw diskFull();
    };
    const failed = await hold.restore(before, left);
    beforeChange = () => undefined;
    const now = await hold.observe();
    expect(failed).toMatchObject({ outcome: 'undo_failed', digest: now.digest });
    const failures = failed.outcome === 'undo_failed' ? failed.failures : [];
    expect(failures.length).toBeGreaterThan(0);
    for (const { path, reason } of failures) {
      expect(reason).toBe(`${JSON.stringify(path)} could not be written: the disk is full`);
    }
    const whole = new Set([...before.entries, ...left.entries].map((entry) => entry.sha256));
    for (const entry of now.entries) expect(whole).toContain(entry.sha256);
    expect(await hold.restore(before, left)).toMatchObject({ outcome: 'undone', digest: before.digest });
  });
});
