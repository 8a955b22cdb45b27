import { AppError } from '#kernel';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BundleProblem } from './policy.errors.js';
import type { TrialAnswer, TrialQuestion } from './trial.types.js';
import type {} from './trial.main.js';

export interface TrialLimits {
  checkMs: number;
  replayMs: number;
  /** Private memory, in MiB; WASM memory counts. */
  memoryMib: number;
}

/** So long that every trial that waits is answered before its asker has gone. */
const LIMITS: TrialLimits = { checkMs: 20_000, replayMs: 60_000, memoryMib: 1_024 };
const MAX_HEAP_MIB = 256;
/** Requests that wait for the one trial a process runs at a time. */
const MAX_WAITING = 4;
const PRLIMIT = '/usr/bin/prlimit';
const LOADER = fileURLToPath(new URL('../../../../scripts/from-source.mjs', import.meta.url));
/** Tests and benchmarks run the sources, and so must the child. */
const FROM_SOURCE = import.meta.url.endsWith('.ts');
const ENTRY = fileURLToPath(new URL(`./trial.main.${FROM_SOURCE ? 'ts' : 'js'}`, import.meta.url));

/**
 * Tries bundles in throw-away processes without settings, with limits on time and memory: whatever ends such a process
 * refuses the bundle. One at a time.
 */
export class BundleTrial {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(
    private readonly limits: TrialLimits = LIMITS,
    /** Another program in its place; tests give one that misbehaves. */
    private readonly entry: string[] = [...(FROM_SOURCE ? ['--import', LOADER] : []), ENTRY],
  ) {}

  /** @throws AppError `policy.busy`, retryable */
  async run(question: TrialQuestion): Promise<TrialAnswer> {
    if (this.waiting >= MAX_WAITING) {
      throw new AppError('policy.busy', 'Too many bundles are being tried at the moment.', { retryable: true });
    }
    this.waiting += 1;
    const turn = this.last.then(() => this.tried(question)).finally(() => (this.waiting -= 1));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async tried(question: TrialQuestion): Promise<TrialAnswer> {
    const timeoutMs = question.replay ? this.limits.replayMs : this.limits.checkMs;
    const child = this.start();
    const signal = AbortSignal.timeout(timeoutMs);
    const ended = once(child, 'close');
    try {
      const answered = once(child, 'message', { signal }) as Promise<[TrialAnswer]>;
      const failed = ended.then(() => null);
      child.send(question, () => undefined);
      const answer = await Promise.race([answered.catch(() => null), failed]);
      if (answer) return answer[0];
      const why = signal.aborted
        ? `it took longer than ${timeoutMs / 1_000} s, so it is refused`
        : 'the process that tried it crashed, so it is refused';
      return refusal({ message: why });
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  }

  private start(): ChildProcess {
    const node = [process.execPath, `--max-old-space-size=${MAX_HEAP_MIB}`, '--no-warnings', ...this.entry];
    const bytes = this.limits.memoryMib * 1024 * 1024;
    const [program, ...args] = existsSync(PRLIMIT) ? [PRLIMIT, `--data=${bytes}`, '--core=0', ...node] : node;
    const child = spawn(program!, args, {
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    child.on('error', () => undefined); // told by `close`
    return child;
  }
}

const refusal = (problem: BundleProblem): TrialAnswer => ({
  check: { problems: [problem], tests_passed: 0, tests_failed: 0, policies: 0, digest: null },
  replay: null,
});
