import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRoot, marker, until } from '../sandbox/test/workspace.js';
import { newWorkbench, type Workbench } from './test/workbench.js';

let bench: Workbench;
beforeEach(async () => {
  bench = await newWorkbench();
});
afterEach(() => bench.place.remove());

const shell = (script: string, more: Parameters<Workbench['perform']>[2] = {}, args: object = {}) =>
  bench.perform('shell.run@v1', { argv: ['/bin/sh', '-c', script], ...args }, more);

describe('a program in the sandbox', () => {
  test('that does what is expected of it is verified, with its output', async () => {
    const done = await shell('echo hello; mkdir out; echo x > out/.f', { expect: { created: ['out/**'] } });
    expect(done).toEqual({
      result: {
        ok: true,
        output: { exit_code: 0, stdout: 'hello\n', stderr: '', truncated: false, sandbox: 'bubblewrap' },
      },
      verdict: { verdict: 'verified', deviations: [] },
      changes: ['created out', 'created out/.f'],
    });
  });

  test('that does anything else deviates', async () => {
    await writeFile(join(bench.place.workspace, 'f'), '');
    expect((await shell('echo x > g')).verdict.verdict).toBe('deviated');
    const { verdict } = await shell('rm f; echo x > h', { expect: { created: ['h'] } });
    expect(verdict).toMatchObject({ verdict: 'deviated', deviations: [{ path: 'f', change: 'deleted' }] });
  });

  test('that fails after having changed something deviates, whatever was expected', async () => {
    const failed = await shell('echo x > f; exit 3', { expect: { created: ['f'] } });
    expect(failed.result.failure).toEqual({ code: 'shell.failed', message: 'The program ended with code 3.' });
    expect(failed.verdict.verdict).toBe('deviated');
  });

  test('may end with the codes that count as success, and no other', async () => {
    const expectation = { expect: { exit_codes: [0, 3] } };
    expect((await shell('exit 3', expectation)).result.ok).toBe(true);
    expect((await shell('exit 1', expectation)).result.ok).toBe(false);
    expect((await shell('exit 0', { expect: { exit_codes: [3] } })).result.ok).toBe(false);
  });

  test('gets its variables as data, and nothing of ours', async () => {
    const { result } = await shell(
      'printf "%s|" "$X" "$HOME"; env | grep -c TEST_ADMIN',
      {},
      { env: { X: '$(id); `id`' } },
    );
    expect(result.output).toMatchObject({ stdout: '$(id); `id`|/tmp|0\n' });
  });

  test('is stopped when its time is up', async () => {
    const { result, verdict } = await shell('echo x > f; sleep 60', {}, { timeout_ms: 300 });
    expect(result.failure?.code).toBe('shell.timed_out');
    expect(verdict.verdict).toBe('deviated');
  });

  test('is stopped with everything it started when the run is cancelled', async () => {
    const { sleep, count } = marker();
    const stop = new AbortController();
    const running = shell(`setsid ${sleep} & ${sleep}`, { signal: stop.signal });
    await until(async () => (await count()) === 2);
    stop.abort();
    expect((await running).result.failure?.code).toBe('shell.cancelled');
    expect(await count()).toBe(0);
  });
});

describe('a call that runs nothing', () => {
  test.each<[string, object]>([
    ['no program', { argv: [] }],
    ['an empty program', { argv: ['', 'x'] }],
    ['a NUL in an argument', { argv: ['echo', 'a\0b'] }],
    ['a variable with a bad name', { argv: ['true'], env: { 'A=B': 'x' } }],
    ['a variable that is no text', { argv: ['true'], env: { A: 1 } }],
    ['a NUL in a variable', { argv: ['true'], env: { A: 'x\0--bind\0/' } }],
  ])('%s', async (_, args) => {
    const { result, changes } = await bench.perform('shell.run@v1', args);
    expect(result).toMatchObject({ ok: false, output: null, failure: { code: 'shell.arguments_invalid' } });
    expect(changes).toEqual([]);
  });

  (isRoot ? test : test.skip)("a workspace that belongs to root is the tool's failure, with the remedy", async () => {
    await chown(bench.place.workspace, 0, 0);
    const { result, verdict } = await shell('echo x > f');
    expect(result.failure).toMatchObject({
      code: 'sandbox.workspace_owned_by_root',
      message: expect.stringContaining('chown -R'),
    });
    expect(verdict.verdict).toBe('verified');
  });
});
