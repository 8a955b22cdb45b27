import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Duplex, Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { CappedOutput } from './output.js';
import type { SandboxCommand, SandboxResult } from './sandbox.js';
import { notStopped, sandboxFailed } from './sandbox.errors.js';

const deadPollMs = 2;
const deadDeadlineMs = 10_000;
/** Between asking bwrap's parent process and hearing the number of the box's first process. */
const firstProcessMs = 2_000;

interface Box {
  /** The whole command line, up to and with the program. Descriptor 3 is bwrap's status, 4 its options. */
  argv: string[];
  options: string[];
  command: SandboxCommand;
}

/** What bwrap reports about itself: the number (outside the box) of the box's process 1, and how the program ended. */
class BoxStatus {
  private text = '';

  constructor(stream: Readable) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
    stream.on('error', () => undefined);
  }

  firstProcess = (): number | null => this.find(/"child-pid":\s*(\d+)/);
  /** `null` = the program never started, or was killed together with bwrap. */
  exitCode = (): number | null => this.find(/"exit-code":\s*(\d+)/);

  private find(pattern: RegExp): number | null {
    const found = pattern.exec(this.text);
    return found ? Number(found[1]) : null;
  }
}

/** Runs the box to the death of its last process. */
export async function runBox({ argv, options, command }: Box): Promise<SandboxResult> {
  const startedAt = performance.now();
  let endedBy: 'timeout' | 'abort' | null = command.signal?.aborted ? 'abort' : null;
  if (endedBy) return neverStarted();

  const [program, ...args] = argv;
  // Whatever the agent put into `env` must not reach setpriv and bwrap, which run outside the box (LD_PRELOAD).
  const stdio = ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'] as const;
  // A session of its own: a terminal's Ctrl-C is for the service, which then ends or keeps what runs as it sees fit.
  const bwrap = spawn(program!, args, { cwd: '/', env: { PATH: '/usr/bin:/bin' }, stdio: [...stdio], detached: true });
  const closed = once(bwrap, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const status = new BoxStatus(bwrap.stdio[3] as Readable);
  const stdout = new CappedOutput(bwrap.stdout!, command.output_limit_bytes);
  const stderr = new CappedOutput(bwrap.stderr!, command.output_limit_bytes);
  feed(bwrap.stdin!, command.stdin ?? '');
  feed(bwrap.stdio[4] as Duplex, options.map((option) => `${option}\0`).join(''));

  const end = (reason: 'timeout' | 'abort') => {
    endedBy ??= reason;
    void kill(bwrap, status);
  };
  const timer = setTimeout(() => end('timeout'), command.timeout_ms);
  const onAbort = () => end('abort');
  command.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const [code, signal] = await closed.catch((error: Error) => Promise.reject(sandboxFailed(error.message)));
    await dead(status.firstProcess());
    const exit = endedBy ? null : status.exitCode();
    if (exit === null && !endedBy && signal === null) {
      throw sandboxFailed(stderr.text().trim() || `bwrap ended with exit code ${code}`);
    }
    return {
      exit_code: exit,
      signal: exit === null ? (signal ?? 'SIGKILL') : null,
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: stdout.truncated || stderr.truncated,
      timed_out: endedBy === 'timeout',
      cancelled: endedBy === 'abort',
      duration_ms: Math.round(performance.now() - startedAt),
    };
  } finally {
    clearTimeout(timer);
    command.signal?.removeEventListener('abort', onAbort);
  }
}

const neverStarted = (): SandboxResult => ({
  exit_code: null,
  signal: null,
  stdout: '',
  stderr: '',
  truncated: false,
  timed_out: false,
  cancelled: true,
  duration_ms: 0,
});

/** A reader that ends early (EPIPE) is its own business. */
function feed(stream: Writable, text: string): void {
  stream.on('error', () => undefined);
  stream.end(text);
}

/**
 * Kills the box by its process 1: the kernel then kills everything in its pid namespace (pid_namespaces(7)). Killing
 * bwrap alone could come before the box's process asked to die with it, and leave it behind.
 */
async function kill(bwrap: ChildProcess, status: BoxStatus): Promise<void> {
  const isRunning = () => bwrap.exitCode === null && bwrap.signalCode === null;
  const deadline = performance.now() + firstProcessMs;
  while (isRunning() && status.firstProcess() === null && performance.now() < deadline) await delay(deadPollMs);
  const first = status.firstProcess();
  // bwrap reaps process 1 only when it ends itself, so the number cannot have passed to somebody else.
  if (first !== null && isRunning()) {
    try {
      process.kill(first, 'SIGKILL');
    } catch {
      // It was faster.
    }
  }
  bwrap.kill('SIGKILL');
}

/**
 * Process 1 of a pid namespace ends only after all others in it were killed and reaped; bwrap itself does not wait for
 * that. A zombie is dead: whoever adopted it may take its time. Throws `sandbox.not_stopped`.
 */
async function dead(first: number | null): Promise<void> {
  if (first === null) return;
  const deadline = performance.now() + deadDeadlineMs;
  for (;;) {
    const stat = await readFile(`/proc/${first}/stat`, 'utf8').catch(() => '');
    const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    if (stat === '' || state === 'Z' || state === 'X') return;
    if (performance.now() > deadline) throw notStopped(first);
    await delay(deadPollMs);
  }
}
