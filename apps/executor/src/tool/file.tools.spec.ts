import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isRoot, ordinaryUid } from '../sandbox/test/workspace.js';
import { newWorkbench, type Workbench } from './test/workbench.js';

let bench: Workbench;
beforeEach(async () => {
  bench = await newWorkbench();
});
afterEach(() => bench.place.remove());

const inside = (path: string) => join(bench.place.workspace, path);
async function given(path: string, content: string | Buffer = path): Promise<void> {
  await mkdir(dirname(inside(path)), { recursive: true });
  await writeFile(inside(path), content);
}
const verified = { verdict: 'verified', deviations: [] };

describe('file.write does what its contract says', () => {
  test('in a folder that has to be made', async () => {
    const done = await bench.perform('file.write@v1', { path: './a//b/c.txt', content: 'ü' });
    expect(done).toEqual({
      result: { ok: true, output: { path: 'a/b/c.txt', size: 2 } },
      verdict: verified,
      changes: ['created a', 'created a/b', 'created a/b/c.txt'],
    });
    expect(await readFile(inside('a/b/c.txt'), 'utf8')).toBe('ü');
    if (isRoot) expect((await stat(inside('a/b'))).uid).toBe(ordinaryUid);
  });

  test('over other content, over the same content, and from base64', async () => {
    await given('f', 'old');
    const write = (content: string, encoding?: string) =>
      bench.perform('file.write@v1', { path: 'f', content, ...(encoding && { encoding }) });
    expect(await write('new')).toMatchObject({ verdict: verified, changes: ['modified f'] });
    expect(await write('new')).toMatchObject({ result: { ok: true }, verdict: verified, changes: [] });
    expect(await write('/wAB', 'base64')).toMatchObject({ result: { output: { size: 3 } }, verdict: verified });
    expect(await readFile(inside('f'))).toEqual(Buffer.from([255, 0, 1]));
  });
});

describe('file.delete does what its contract says', () => {
  test('to a file, an empty folder, and a folder with everything in it', async () => {
    await given('a/b/.c');
    await given('f');
    await mkdir(inside('empty'));
    const remove = (path: string, recursive?: boolean) => bench.perform('file.delete@v1', { path, recursive });
    expect(await remove('f')).toMatchObject({
      result: { output: { path: 'f' } },
      verdict: verified,
      changes: ['deleted f'],
    });
    expect(await remove('empty')).toMatchObject({ verdict: verified, changes: ['deleted empty'] });
    const whole = ['deleted a', 'deleted a/b', 'deleted a/b/.c'];
    expect(await remove('a', true)).toMatchObject({ result: { ok: true }, verdict: verified, changes: whole });
  });

  test('a folder that is not empty stays unless everything in it is named', async () => {
    await given('a/b');
    const refused = { result: { ok: false, failure: { code: 'workspace.not_empty' } }, verdict: verified, changes: [] };
    expect(await bench.perform('file.delete@v1', { path: 'a' })).toMatchObject(refused);
  });

  test('of what is not there fails and leaves no trace', async () => {
    const refused = { ok: false, failure: { code: 'workspace.path_not_found' } };
    expect(await bench.perform('file.delete@v1', { path: 'x' })).toMatchObject({ result: refused, verdict: verified });
  });

  test('a link goes, what it points to stays', async () => {
    await writeFile(join(bench.place.outside, 'target'), 'safe');
    await symlink(join(bench.place.outside, 'target'), inside('link'));
    expect(await bench.perform('file.delete@v1', { path: 'link' })).toMatchObject({
      verdict: verified,
      changes: ['deleted link'],
    });
    expect(await readFile(join(bench.place.outside, 'target'), 'utf8')).toBe('safe');
  });
});

describe('file.list and file.read change nothing', () => {
  test('a listing says path, type and size, and when there is more', async () => {
    await given('a/b', '123');
    await given('c', '1');
    const list = (args: object) => bench.perform('file.list@v1', { path: '.', ...args });
    const flat = await list({});
    expect(flat).toMatchObject({ verdict: verified, changes: [] });
    const entry = (path: string, type: string) => expect.objectContaining({ path, type });
    expect(flat.result.output).toEqual({
      entries: [entry('a', 'directory'), { path: 'c', type: 'file', size: 1 }],
      truncated: false,
    });
    expect((await list({ recursive: true })).result.output).toMatchObject({
      entries: [{ path: 'a' }, { path: 'a/b', size: 3 }, { path: 'c' }],
    });
    expect((await list({ limit: 1 })).result.output).toMatchObject({ entries: [{ path: 'a' }], truncated: true });
    expect((await bench.perform('file.list@v1', { path: 'a/' })).result.output).toMatchObject({
      entries: [{ path: 'a/b' }],
    });
  });

  test('content is text where it is UTF-8 and base64 where it is not', async () => {
    await given('text', 'ü');
    await given('bytes', Buffer.from([255, 254]));
    const read = async (path: string) => (await bench.perform('file.read@v1', { path })).result;
    expect(await read('text')).toEqual({ ok: true, output: { content: 'ü', size: 2, encoding: 'utf8' } });
    expect(await read('bytes')).toEqual({ ok: true, output: { content: '//4=', size: 2, encoding: 'base64' } });
    const large = await bench.perform('file.read@v1', { path: 'text', limit_bytes: 1 });
    expect(large.result).toMatchObject({ ok: false, failure: { code: 'workspace.too_large' } });
  });
});

describe('no path leads out of the workspace', () => {
  const calls: [string, object][] = [
    ['file.list@v1', {}],
    ['file.read@v1', {}],
    ['file.write@v1', { content: 'x' }],
    ['file.delete@v1', { recursive: true }],
  ];

  test.each(calls)('%s refuses absolute paths, "..", and paths through links', async (tool, args) => {
    await mkdir(join(bench.place.outside, 'secret'));
    await writeFile(join(bench.place.outside, 'secret/file'), 'safe');
    await symlink(join(bench.place.outside, 'secret'), inside('out'));
    await given('a/b');
    const paths = [join(bench.place.outside, 'secret/file'), '../secret/file', 'a/../../secret/file', 'out/file', '..'];
    for (const path of paths) {
      const { result, changes } = await bench.perform(tool, { path, ...args });
      expect([path, result.ok, result.output, changes]).toEqual([path, false, null, []]);
      expect(result.failure!.code).toMatch(/^workspace\.(path_invalid|symlink_refused|not_a_directory)$/);
    }
    expect(await readFile(join(bench.place.outside, 'secret/file'), 'utf8')).toBe('safe');
  });

  test.each(['file.read@v1', 'file.write@v1'])('%s does not follow a link at the end', async (tool) => {
    await writeFile(join(bench.place.outside, 'file'), 'safe');
    await symlink(join(bench.place.outside, 'file'), inside('link'));
    const args = tool.startsWith('file.write') ? { path: 'link', content: 'x' } : { path: 'link' };
    const refused = { ok: false, failure: { code: 'workspace.symlink_refused' } };
    expect(await bench.perform(tool, args)).toMatchObject({ result: refused, verdict: verified, changes: [] });
    expect(await readFile(join(bench.place.outside, 'file'), 'utf8')).toBe('safe');
  });

  test.each(['file.write@v1', 'file.delete@v1'])('%s leaves the workspace itself alone', async (tool) => {
    const args = tool.startsWith('file.write') ? { path: '.', content: 'x' } : { path: './', recursive: true };
    await given('f');
    expect(await bench.perform(tool, args)).toMatchObject({ result: { ok: false }, verdict: verified, changes: [] });
  });
});

describe('what a call says about itself before it runs', () => {
  test('is about one spelling of its path', () => {
    const { tool } = bench.registry.get('file.delete@v1');
    for (const path of ['a/b', './a/b', 'a//b/', './/a/./b']) {
      expect(tool.paths({ path } as never)).toEqual(['a/b']);
      expect(tool.target({ path } as never)).toEqual({ kind: 'path', path: 'a/b' });
    }
    expect(tool.paths({ path: '/etc/passwd' } as never)).toEqual(['/etc/passwd']);
    expect(tool.paths({ path: 'a/../b' } as never)).toEqual(['a/../b']);
  });

  test('is located when the arguments are wrong, and names the choices when the tool is', () => {
    const { registry } = bench;
    expect(() => registry.parse('file.write@v1', { path: 'a', content: 1, mode: 7 })).toThrow(
      expect.objectContaining({ code: 'input.invalid' }),
    );
    expect(() => registry.parse('file.move@v1', {})).toThrow(
      expect.objectContaining({ code: 'tool.unknown', message: expect.stringContaining('file.delete@v1') }),
    );
    const digests = registry.ids().map((id) => registry.get(id).manifest_digest);
    expect(new Set(digests).size).toBe(5);
  });
});
