import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { marker, newPlace, until, type Place } from './test/workspace.js';

const fromSource = join(import.meta.dirname, '../../../../scripts/from-source.mjs');
const parentScript = join(import.meta.dirname, 'test/parent.ts');

let place: Place;
let workspace: string;
let run: Place['run'];
let shell: Place['shell'];

beforeEach(async () => {
  place = await newPlace();
  ({ workspace, run, shell } = place);
});
afterEach(() => place.remove());

describe('limits', () => {
  test('stop forking at 64 processes, for every box of a user by itself', async () => {
    const forks =
      'my $n = 0; for (1..200) { my $p = fork(); last unless defined $p; if (!$p) { sleep 60; exit } $n++ } print $n';
    const counts = await Promise.all([run(['perl', '-e', forks]), run(['perl', '-e', forks])]);
    for (const { stdout } of counts) {
      expect(Number(stdout)).toBeGreaterThan(50);
      expect(Number(stdout)).toBeLessThan(64);
    }
  });

  test('a fork bomb ends with its timeout, and nothing of it is left', async () => {
    const { sleep, count } = marker();
    const running = run(['bash', '-c', `bomb() { bomb | bomb & ${sleep} & }; bomb; wait`], { timeout_ms: 1_500 });
    await until(async () => (await count()) > 0);

    expect(await running).toMatchObject({ timed_out: true });
    expect(await count()).toBe(0);
  });

  test('a file ends at 256 MiB, memory at 1 GiB', async () => {
    expect(await shell('truncate -s 250M small')).toMatchObject({ exit_code: 0 });
    expect((await shell('truncate -s 260M large')).exit_code).not.toBe(0);
    const { stderr } = await run(['perl', '-e', 'my $x = "a" x (1100 * 1024 * 1024); print length $x']);
    expect(stderr).toMatch(/out of memory/i);
  });

  test('a flood of output is cut, counted per stream, and does not block the command', async () => {
    const result = await shell('yes | head -c 5000000; echo error >&2', { output_limit_bytes: 1_000 });
    expect(result).toMatchObject({ exit_code: 0, truncated: true, stderr: 'error\n' });
    expect(result.stdout).toBe('y\n'.repeat(500));
  });

  test('output of exactly the limit is whole; a character cut in two is left out', async () => {
    expect(await shell('printf aéb', { output_limit_bytes: 4 })).toMatchObject({ stdout: 'aéb', truncated: false });
    expect(await shell('printf aéb', { output_limit_bytes: 2 })).toMatchObject({ stdout: 'a', truncated: true });
  });
});

describe('the end', () => {
  test('a daemon left behind is dead when the command has returned', async () => {
    const { sleep, count } = marker();
    const { stdout } = await shell(`setsid ${sleep} >/dev/null 2>&1 </dev/null & kill -0 $! && echo started`);

    expect(stdout).toBe('started\n');
    expect(await count()).toBe(0);
  });

  test('a timeout ends the command and its daemons', async () => {
    const { sleep, count } = marker();
    const running = shell(`trap "" TERM INT HUP; echo before; setsid ${sleep} & ${sleep}`, { timeout_ms: 1_000 });
    await until(async () => (await count()) === 2);

    expect(await running).toMatchObject({
      exit_code: null,
      signal: 'SIGKILL',
      timed_out: true,
      cancelled: false,
      stdout: 'before\n',
    });
    expect(await count()).toBe(0);
  });

  test('an abort ends the command and its daemons', async () => {
    const { sleep, count } = marker();
    const stop = new AbortController();
    const running = shell(`setsid ${sleep} & ${sleep}`, { signal: stop.signal });
    await until(async () => (await count()) === 2);

    stop.abort();

    expect(await running).toMatchObject({ exit_code: null, signal: 'SIGKILL', timed_out: false, cancelled: true });
    expect(await count()).toBe(0);
  });

  test('an abort at any moment of the start leaves nothing behind', async () => {
    const { sleep, count } = marker();
    for (let afterMs = 0; afterMs < 12; afterMs++) {
      const stop = new AbortController();
      const running = shell(sleep, { signal: stop.signal });
      setTimeout(() => stop.abort(), afterMs);
      expect(await running).toMatchObject({ cancelled: true });
      expect(await count()).toBe(0);
    }
  });

  test('a command aborted before it began never runs', async () => {
    expect(await shell('echo ran > file', { signal: AbortSignal.abort() })).toMatchObject({
      cancelled: true,
      exit_code: null,
    });
    expect(await readdir(workspace)).toEqual([]);
  });

  test('kill -9 of the process that holds the box ends everything in it', async () => {
    const { sleep, count } = marker();
    const parent = spawn(process.execPath, ['--import', fromSource, parentScript, workspace, sleep], {
      stdio: 'inherit',
    });
    const exited = once(parent, 'exit');
    await until(async () => (await count()) === 2);

    parent.kill('SIGKILL');
    await exited;

    await until(async () => (await count()) === 0);
  });
});
