import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bubblewrap } from './bubblewrap.js';
import { commandLines, isRoot, marker, newPlace, ordinaryUid, until, type Place } from './test/workspace.js';

let place: Place;
let outside: string;
let workspace: string;
let run: Place['run'];
let shell: Place['shell'];

beforeEach(async () => {
  place = await newPlace();
  ({ outside, workspace, run, shell } = place);
});
afterEach(() => place.remove());

describe('a command', () => {
  test('reports what it said on both streams and how it ended', async () => {
    expect(await shell('echo out; echo err >&2; exit 7')).toMatchObject({
      exit_code: 7,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
      timed_out: false,
      cancelled: false,
    });
  });

  test.each([
    ['ended by its own signal', ['/bin/sh', '-c', 'kill -TERM $$'], 143],
    ['that does not exist', ['no-such-program'], 127],
    ['that is not executable', ['/usr/share'], 126],
    ['that looks like an option', ['--help'], 127],
  ])('%s has an exit code as in a shell', async (_name, argv, exit_code) => {
    expect(await run(argv)).toMatchObject({ exit_code, signal: null });
  });

  test('reads its standard input, which is empty unless given', async () => {
    expect(await run(['cat'], { stdin: 'grüße\n' })).toMatchObject({ exit_code: 0, stdout: 'grüße\n' });
    expect(await run(['cat'])).toMatchObject({ exit_code: 0, stdout: '' });
    expect(await run(['true'], { stdin: 'x'.repeat(1_000_000) })).toMatchObject({ exit_code: 0 });
  });

  test('sees the given environment and nothing of ours', async () => {
    const { stdout } = await run(['env'], { env: { GREETING: 'a b\n"c"', LD_LIBRARY_PATH: '/ws' } });
    expect(stdout.split('\n').sort()).toEqual(
      ['', '"c"', 'GREETING=a b', 'LD_LIBRARY_PATH=/ws', 'PATH=/usr/bin:/bin', 'PWD=/ws'].sort(),
    );
  });

  test('keeps its environment off the command line that others can read', async () => {
    const { sleep, count } = marker();
    const stop = new AbortController();
    const running = run(sleep.split(' '), { env: { TOKEN: 'visible-to-all' }, signal: stop.signal });
    await until(async () => (await count()) === 1);

    expect((await commandLines()).filter((line) => line.includes('visible-to-all'))).toEqual([]);
    stop.abort();
    await running;
  });

  test.each([
    ['a NUL in an argument', { argv: ['echo', 'a\0b'] }],
    ['a NUL in a value', { env: { A: 'x\0--bind\0/\0/mnt' } }],
    ['"=" in a name', { env: { 'A=B': 'x' } }],
    ['no program', { argv: [] }],
    ['no time', { timeout_ms: 0 }],
    ['an unknown time', { timeout_ms: Number.NaN }],
  ])('with %s is refused', async (_name, more) => {
    await expect(run(['true'], more)).rejects.toMatchObject({ code: 'sandbox.command_invalid' });
  });
});

describe('the box', () => {
  test('works in the workspace, whose files belong to its owner afterwards', async () => {
    const { exit_code } = await shell('pwd > here; mkdir -p a/b; cat here');

    expect(exit_code).toBe(0);
    expect(await readFile(join(workspace, 'here'), 'utf8')).toBe('/ws\n');
    expect(await readdir(join(workspace, 'a'))).toEqual(['b']);
  });

  test.each(['with space', '-dash', '--bind', 'new\nline', 'ünicode'])('takes a workspace called %j', async (name) => {
    const workspace = await place.newWorkspace(name);

    expect(await shell('echo kept > file', { workspace })).toMatchObject({ exit_code: 0 });
    expect(await readFile(join(workspace, 'file'), 'utf8')).toBe('kept\n');
  });

  test('cannot write anywhere else', async () => {
    const places = ['/', '/usr', '/usr/bin', '/etc', '/dev', '/proc', '/proc/sys', '/sys', '/home', '/var', outside];
    const { stdout } = await shell(
      `for place in ${places.join(' ')} /tmp /ws; do (: > "$place/written") 2>/dev/null && echo "$place"; done`,
    );

    expect(stdout).toBe('/tmp\n/ws\n');
    expect(await readdir(outside)).toEqual(['workspace']);
  });

  test('has no sight of the data folder, the home folder, or passwords', async () => {
    await writeFile(join(outside, 'secret'), 'secret', { mode: 0o644 });
    const { stdout } =
      await shell(`for path in ${outside}/secret ${outside} ${homedir()} /etc/passwd /root /home /var; do
      [ -e "$path" ] && echo "$path"; done; ls -A /`);

    expect(stdout.split('\n').sort()).toEqual(
      ['', 'bin', 'dev', 'etc', 'lib', 'lib64', 'proc', 'sbin', 'tmp', 'usr', 'ws'].sort(),
    );
  });

  test('follows a symbolic link out of the workspace to nowhere', async () => {
    await writeFile(join(outside, 'secret'), 'secret', { mode: 0o666 });
    await symlink(join(outside, 'secret'), join(workspace, 'link'));
    await symlink(outside, join(workspace, 'folder'));

    const { exit_code, stdout } = await shell('cat link; cat folder/secret; echo changed > link');

    expect(exit_code).not.toBe(0);
    expect(stdout).toBe('');
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  });

  test('reaches no port of this machine', async () => {
    let reached = 0;
    const server = createServer((socket) => {
      reached++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const script = `exec 3<>/dev/tcp/127.0.0.1/${(server.address() as AddressInfo).port}`;
    const bare = spawn('bash', ['-c', script]);
    expect(await once(bare, 'exit')).toEqual([0, null]);
    await until(async () => reached === 1);

    expect(await run(['bash', '-c', script])).toMatchObject({
      exit_code: 1,
      stderr: expect.stringContaining('Connection refused'),
    });
    expect(reached).toBe(1);
    server.close();
  });

  test('sees its own processes only, is nobody special, and cannot make a box in the box', async () => {
    const { stdout } = await shell(
      'ls -d /proc/[0-9]* | wc -l | tr -d " "; grep CapEff /proc/self/status; grep NoNewPrivs /proc/self/status; id -u; unshare -U true || echo refused',
    );

    const [processes, capabilities, privileges, uid, box] = stdout.split('\n');
    expect(Number(processes)).toBeLessThan(8);
    expect(capabilities).toMatch(/0{16}$/);
    expect(privileges).toMatch(/1$/);
    expect(Number(uid)).toBe(isRoot ? ordinaryUid : process.geteuid?.());
    expect(box).toBe('refused');
  });

  test('cannot forge its own status or read its options', async () => {
    expect(await shell('[ ! -e /proc/$$/fd/3 ] && [ ! -e /proc/$$/fd/4 ] && exit 5')).toMatchObject({ exit_code: 5 });
  });
});

describe('a workspace', () => {
  (isRoot ? test : test.skip)('that belongs to root is refused with the remedy', async () => {
    await chown(workspace, 0, 0);

    await expect(shell('echo ran > file')).rejects.toMatchObject({
      code: 'sandbox.workspace_owned_by_root',
      message: expect.stringContaining('chown -R'),
    });
    expect(await readdir(workspace)).toEqual([]);
  });

  test.each([
    ['a relative path', () => 'workspace'],
    ['a missing folder', () => join(outside, 'missing')],
    ['a symbolic link', () => join(outside, 'link')],
    ['a file', () => join(outside, 'file')],
  ])('that is %s is refused', async (_name, path) => {
    await symlink(workspace, join(outside, 'link'));
    await writeFile(join(outside, 'file'), '');

    await expect(run(['true'], { workspace: path() })).rejects.toMatchObject({ code: 'sandbox.workspace_invalid' });
  });

  (isRoot ? test : test.skip)('that its owner cannot reach runs nothing', async () => {
    await chmod(outside, 0o700);

    await expect(shell('echo ran > file')).rejects.toMatchObject({ code: 'sandbox.failed' });
    expect(await readdir(workspace)).toEqual([]);
  });
});

describe('a machine without a working sandbox', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bwrap-'));
    await chmod(folder, 0o755);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is refused with the remedy when bwrap is missing', async () => {
    await expect(Bubblewrap.probe({ searchPath: folder })).rejects.toMatchObject({
      code: 'sandbox.unavailable',
      message: expect.stringContaining('apt-get install bubblewrap'),
    });
  });

  test('is refused with the reason when bwrap cannot make a box', async () => {
    await writeFile(
      join(folder, 'bwrap'),
      '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n',
    );
    await chmod(join(folder, 'bwrap'), 0o755);

    await expect(Bubblewrap.probe({ searchPath: `relative:${folder}` })).rejects.toMatchObject({
      code: 'sandbox.unavailable',
      message: expect.stringContaining('No permissions to create new namespace'),
    });
  });
});
