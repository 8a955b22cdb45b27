import { until as poll } from '#testing';
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bubblewrap } from '../bubblewrap.js';
import type { SandboxCommand, SandboxResult } from '../sandbox.js';

export const isRoot = process.geteuid?.() === 0;
/** `nobody`: whom boxes run as when the tests run as root. */
export const ordinaryUid = 65_534;
const deadlineMs = 10_000;

/** A folder with a workspace in it, and a working sandbox. */
export interface Place {
  sandbox: Bubblewrap;
  /** What no box may see or change. */
  outside: string;
  workspace: string;
  newWorkspace(name: string): Promise<string>;
  run(argv: string[], more?: Partial<SandboxCommand>): Promise<SandboxResult>;
  shell(script: string, more?: Partial<SandboxCommand>): Promise<SandboxResult>;
  remove(): Promise<void>;
}

export async function newPlace(): Promise<Place> {
  const sandbox = await Bubblewrap.probe();
  const outside = await mkdtemp(join(tmpdir(), 'outside-'));
  await chmod(outside, 0o755);
  const newWorkspace = async (name: string) => {
    const path = join(outside, name);
    await mkdir(path);
    if (isRoot) await chown(path, ordinaryUid, ordinaryUid);
    return path;
  };
  const workspace = await newWorkspace('workspace');
  const run = (argv: string[], more: Partial<SandboxCommand> = {}) =>
    sandbox.run({ argv, env: {}, workspace, timeout_ms: 20_000, output_limit_bytes: 64 * 1024, ...more });
  return {
    sandbox,
    outside,
    workspace,
    newWorkspace,
    run,
    shell: (script, more) => run(['/bin/sh', '-c', script], more),
    remove: () => rm(outside, { recursive: true, force: true }),
  };
}

/** The command lines of the machine's processes, NUL-terminated arguments. */
export async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
}

let lastMarker = 0;

/** A sleep that no other process of the machine runs, and how often it runs now. */
export function marker(): { sleep: string; count(): Promise<number> } {
  const seconds = `${600 + process.pid}.${++lastMarker}`;
  return {
    sleep: `sleep ${seconds}`,
    count: async () => (await commandLines()).filter((line) => line === `sleep\0${seconds}\0`).length,
  };
}

export async function until(condition: () => Promise<boolean>): Promise<void> {
  await poll('the condition', condition, deadlineMs);
}
