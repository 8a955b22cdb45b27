import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBox } from './box.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'box-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a shell script in bwrap's place: it may say on descriptor 3 what bwrap says there. */
async function runAsBwrap(script: string) {
  const argv = ['/bin/sh', join(folder, 'bwrap')];
  await writeFile(argv[1]!, script);
  const command = { argv: [], env: {}, workspace: folder, timeout_ms: 20_000, output_limit_bytes: 1_000 };
  return runBox({ argv, options: [], command });
}

test('the box has not ended while its process 1 lives on after bwrap', async () => {
  const { exit_code, stdout } = await runAsBwrap(`
    sleep 0.5 <&- >&- 2>&- 3>&- 4<&- &
    echo $!
    printf '{ "child-pid": %d }\\n{ "exit-code": 3 }\\n' $! >&3`);

  expect(exit_code).toBe(3);
  const status = await readFile(`/proc/${stdout.trim()}/stat`, 'utf8').catch(() => 'gone');
  expect(status).toMatch(/^gone$|\) Z /);
});

test('a program of which bwrap reports no end was not run, however bwrap itself ended', async () => {
  await expect(runAsBwrap('echo "bwrap: no such box" >&2')).rejects.toMatchObject({
    code: 'sandbox.failed',
    message: expect.stringContaining('no such box'),
  });
});

test('bwrap killed by somebody else is told apart from a program that failed', async () => {
  expect(await runAsBwrap('kill -KILL $$')).toMatchObject({
    exit_code: null,
    signal: 'SIGKILL',
    timed_out: false,
    cancelled: false,
  });
});
