import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { governance, parseMessage } from '#contracts';
import { sha256 } from '#kernel';
import { execFileSync } from 'node:child_process';
import { chmod, link, mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ChangePreview } from './change-preview.js';
import { newWorkbench, type Workbench } from './test/workbench.js';

let bench: Workbench;
beforeEach(async () => {
  bench = await newWorkbench();
});
afterEach(() => bench.place.remove());

const inside = (path: string) => join(bench.place.workspace, path);
const given = async (path: string, content: string | Buffer = path): Promise<void> => {
  await mkdir(dirname(inside(path)), { recursive: true });
  await writeFile(inside(path), content);
};
/** As governance would get it: every preview has to be a message. */
const preview = async (tool: string, args: object, timeoutMs?: number): Promise<ChangePreview[]> => {
  const changes = await bench.registry.get(tool).tool.preview!(bench.registry.parse(tool, args), bench.root, timeoutMs);
  for (const change of changes) parseMessage(governance.ChangePreview, change);
  expect(Buffer.byteLength(JSON.stringify(changes))).toBeLessThan(256 * 1024);
  return changes;
};
const write = async (path: string, content: string, encoding?: 'base64') =>
  (await preview('file.write@v1', { path, content, ...(encoding && { encoding }) }))[0]!;
const remove = (path: string, recursive?: boolean, timeoutMs?: number) =>
  preview('file.delete@v1', { path, recursive }, timeoutMs);

const MIB = 2 ** 20;
const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);

describe('before file.write', () => {
  it('a new file is a diff from nothing', async () => {
    expect(await write('./a//b.txt', 'x\n')).toEqual({
      path: 'a/b.txt',
      change: 'created',
      before: null,
      after: sha256('x\n'),
      diff: '--- /dev/null\n+++ a/b.txt\n@@ -0,0 +1 @@\n+x\n',
      note: null,
    });
  });

  it('a file is a diff from what it holds', async () => {
    await given('a', 'x\ny\n');
    expect(await write('a', 'x\nz\n')).toMatchObject({
      change: 'modified',
      before: sha256('x\ny\n'),
      after: sha256('x\nz\n'),
      diff: '--- a\n+++ a\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n',
    });
    expect(await write('a', 'x\ny\n')).toMatchObject({
      diff: null,
      note: 'The file has this content already. 4 bytes',
    });
  });

  it('a text sent as base64 is shown as the text it is', async () => {
    expect((await write('a', Buffer.from('rm -r\n').toString('base64'), 'base64')).diff).toContain('\n+rm -r\n');
  });

  it.each<[string, string | Buffer, string | Buffer, string]>([
    ['NUL bytes there', Buffer.from('a\0b'), 'x', 'Binary content, so no lines are shown. 3 bytes now, 1 byte then.'],
    ['NUL bytes to come', 'x', Buffer.from('a\0b'), 'Binary content, so no lines are shown. 1 byte now, 3 bytes then.'],
    ['no UTF-8', 'x', Buffer.from([255, 254]), 'Binary content, so no lines are shown. 1 byte now, 2 bytes then.'],
    [
      '10 MB there',
      Buffer.alloc(10 * MIB, 'a\n'),
      'x',
      'Larger than 262144 bytes, so no lines are shown. 10485760 bytes now, 1 byte then.',
    ],
    [
      'much to come',
      'x',
      Buffer.alloc(262_145, 'a'),
      'Larger than 262144 bytes, so no lines are shown. 1 byte now, 262145 bytes then.',
    ],
  ])('%s: sizes and digests, no diff', async (_name, before, after, note) => {
    await given('a', before);
    expect(await write('a', Buffer.from(after).toString('base64'), 'base64')).toEqual({
      path: 'a',
      change: 'modified',
      before: sha256(before),
      after: sha256(after),
      diff: null,
      note,
    });
  });

  it('of a file too large to be read the size is compared', async () => {
    await given('a', 'x');
    await truncate(inside('a'), 100 * MIB);
    const { before, note } = await write('a', 'x');
    expect([before, note]).toEqual([digest, expect.stringContaining('only the size is compared. 104857600 bytes now')]);
    await truncate(inside('a'), 100 * MIB + 1);
    expect((await write('a', 'x')).before).not.toBe(before);
  });

  it('a link is not followed, and what it points to is not shown', async () => {
    await writeFile(join(bench.place.outside, 'secret'), 'top secret');
    await symlink(join(bench.place.outside, 'secret'), inside('link'));
    const seen = await write('link', 'x');
    expect(seen).toMatchObject({
      change: 'modified',
      before: digest,
      diff: null,
      note: expect.stringContaining('symbolic link'),
    });
    expect(JSON.stringify(seen)).not.toContain('top');
    await rm(inside('link'));
    await writeFile(inside('link'), 'a file by now');
    expect((await write('link', 'x')).before).not.toBe(seen.before);
  });

  it('of a folder swapped for a link nothing is shown', async () => {
    await mkdir(join(bench.place.outside, 'real'));
    await writeFile(join(bench.place.outside, 'real/f'), 'top secret');
    await given('d/f', 'mine');
    const before = await write('d/f', 'x');
    await rename(inside('d'), inside('e'));
    await symlink(join(bench.place.outside, 'real'), inside('d'));
    const seen = await write('d/f', 'x');
    expect(seen).toMatchObject({ diff: null, note: expect.stringContaining('symbolic link') });
    expect(JSON.stringify(seen)).not.toContain('top');
    expect(seen.before).not.toBe(before.before);
  });

  it('odd workspaces are notes', async () => {
    await mkdir(inside('folder'));
    execFileSync('mkfifo', [inside('fifo')]);
    await given('twice');
    await link(inside('twice'), inside('other-name'));
    await given('file');
    const notes: Record<string, RegExp> = {
      folder: /^A folder is there/,
      fifo: /FIFO/,
      twice: /hard link/,
      'file/below': /not a directory/,
      '.': /refused/,
      '../x': /contains ".."/,
      '/etc/passwd': /absolute/,
      [`${'n'.repeat(300)}`]: /longer than 255 bytes/,
    };
    for (const [path, note] of Object.entries(notes)) {
      expect([path, await write(path, 'x')]).toEqual([
        path,
        expect.objectContaining({ diff: null, before: digest, note: expect.stringMatching(note) }),
      ]);
    }
    await chmod(bench.place.workspace, 0o755);
    await rm(bench.place.workspace, { recursive: true });
    expect(await write('file', 'x')).toMatchObject({ diff: null, note: expect.any(String) });
  });

  it('secrets are redacted, in lines and in names', async () => {
    await given('conf', 'DB_PASSWORD=hunter2\n');
    const { diff } = await write('conf', 'DB_PASSWORD=hunter3\n');
    expect(diff).toContain('-DB_PASSWORD=[redacted:secret]\n+DB_PASSWORD=[redacted:secret]\n');
    expect(await write('ada@example.org', 'x')).toMatchObject({ path: '[redacted:email]' });
  });
});

describe('before file.delete', () => {
  it('a file is a diff to nothing', async () => {
    await given('a', 'x\n');
    expect(await remove('a')).toEqual([
      {
        path: 'a',
        change: 'deleted',
        before: sha256('x\n'),
        after: null,
        diff: '--- a\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
        note: null,
      },
    ]);
  });

  it('a folder is how much it holds, and what is in it', async () => {
    await given('a/b/c', '123');
    await given('a/d', '4567');
    await symlink('d', inside('a/e'));
    const changes = await remove('a', true);
    expect(changes[0]).toEqual({
      path: 'a',
      change: 'deleted',
      before: digest,
      after: null,
      diff: null,
      note: 'A folder: 2 files of 7 bytes, and 2 folders and links.',
    });
    expect(changes.slice(1).map(({ path, before, note }) => [path, before, note])).toEqual([
      ['a/b', digest, 'folder'],
      ['a/b/c', sha256('123'), 'file, 3 bytes'],
      ['a/d', sha256('4567'), 'file, 4 bytes'],
      ['a/e', digest, 'symbolic link'],
    ]);
  });

  it('the digest of a folder is another one when anything in it is', async () => {
    await given('a/b/c', '123');
    const digests = new Set<string | null>();
    const see = async () => digests.add((await remove('a', true))[0]!.before);
    await see();
    await see();
    expect(digests.size).toBe(1);
    await given('a/b/c', '124');
    await see();
    await given('a/f', '');
    await see();
    await rename(inside('a/f'), inside('a/g'));
    await see();
    await rm(inside('a/g'));
    await mkdir(inside('a/g'));
    await see();
    expect(digests.size).toBe(5);
  });

  it('of a folder with more the first fifty are named, and all are compared', async () => {
    for (let i = 0; i < 120; i += 1) await given(`a/${String(i).padStart(3, '0')}`, 'x');
    const changes = await remove('a', true);
    expect(changes).toHaveLength(51);
    expect(changes[0]!.note).toBe('A folder: 120 files of 120 bytes, and 0 folders and links. The first 50 are named.');
    await given('a/119', 'y');
    expect((await remove('a', true))[0]!.before).not.toBe(changes[0]!.before);
  });

  it('of names without end fewer are named', async () => {
    const deep = `a/${'d'.repeat(250)}/${'e'.repeat(250)}/${'f'.repeat(250)}/${'g'.repeat(250)}`;
    for (let i = 0; i < 60; i += 1) await given(`${deep}/${'\u0001'.repeat(100)}${i}`, '');
    expect((await remove('a', true)).length).toBeLessThan(40);
  });

  it('what will be refused says so, and is not taken for what comes later', async () => {
    await given('a/b');
    expect(await remove('a')).toMatchObject([{ note: 'The folder is not empty, so this will be refused.' }]);
    const [gone] = await remove('x');
    expect(gone).toMatchObject({ before: digest, note: 'Nothing is there, so this will be refused.' });
    await given('x');
    expect((await remove('x'))[0]!.before).not.toBe(gone!.before);
  });

  it('without time is a note, and nothing is compared', async () => {
    await given('a/b');
    const [folder] = await remove('a', true, 0);
    expect(folder).toMatchObject({ path: 'a', change: 'deleted', before: null, diff: null, note: expect.any(String) });
  });

  it('of a folder with very much in it comes in time', async () => {
    await mkdir(inside('a'));
    execFileSync('/bin/sh', ['-c', 'seq 12000 | xargs touch'], { cwd: inside('a') });
    const began = performance.now();
    const [folder] = await remove('a', true);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(folder).toMatchObject({ before: null, note: expect.any(String) });
  });
});

it('tools that cannot foresee what they change have no preview', () => {
  const without = bench.registry.ids().filter((id) => !bench.registry.get(id).tool.preview);
  expect(without.sort()).toEqual(['file.list@v1', 'file.read@v1', 'shell.run@v1']);
});
