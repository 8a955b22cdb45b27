import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 25;

/** The process number in the first line of a pid file; `null` without one. */
export async function pidIn(file: string): Promise<number | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return pid > 0 ? pid : null;
}

/**
 * Whether `pid` is alive and was started on `path` (one of its arguments): a number in a pid file may long belong to
 * somebody else. A zombie has no arguments left and counts as dead.
 */
export async function servesPath(pid: number, path: string): Promise<boolean> {
  const argv = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return argv.split('\0').includes(path);
}

/** Waits for a server whose parent is gone to follow it. False when it is still there after `deadlineMs`. */
export async function orphanEnds(pid: number, path: string, deadlineMs: number): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  while (await servesPath(pid, path)) {
    if (performance.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}
