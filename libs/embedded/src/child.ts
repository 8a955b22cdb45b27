import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childEnv } from './account.js';
import { setprivFailed } from './embedded.errors.js';

const tailLines = 20;

/** A server process. `exited` resolves when it has ended, for whatever reason. */
export interface Child {
  pid: number;
  exited: Promise<void>;
  hasExited(): boolean;
  /** Its last lines of output, newest last. */
  tail(): string;
  /** Sends `signal`, after `graceMs` `lastSignal`, and resolves when the process is gone. */
  stop(signal: NodeJS.Signals, graceMs: number, lastSignal: NodeJS.Signals): Promise<void>;
}

/**
 * Starts a server in its own session: Ctrl-C in the terminal reaches this process alone, which then stops its servers in
 * its own order.
 */
export async function startChild(argv: string[], log?: (line: string) => void): Promise<Child> {
  const [program, ...args] = argv;
  const process_ = spawn(program!, args, {
    cwd: '/',
    env: childEnv,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    process_.once('spawn', resolve).once('error', (error) => reject(setprivFailed(error.message)));
  });
  const lines: string[] = [];
  for (const stream of [process_.stdout, process_.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > tailLines) lines.shift();
      log?.(line);
    });
  }
  let ended = false;
  const exited = new Promise<void>((resolve) => process_.once('close', () => resolve(void (ended = true))));
  return {
    pid: process_.pid!,
    exited,
    hasExited: () => ended,
    tail: () => lines.join('\n'),
    async stop(signal, graceMs, lastSignal) {
      if (ended) return;
      process_.kill(signal);
      const impatient = setTimeout(() => process_.kill(lastSignal), graceMs);
      await exited;
      clearTimeout(impatient);
    },
  };
}
