import { until } from '#testing';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Settings, SuiteProcess } from './suite-process.js';

interface Listed {
  name: string;
  pid: number;
  url?: string;
}

/**
 * `scripts/processes.mjs` as a child process: every service a process of its own, on a folder of its own. `url` and
 * `admin` are of the first gateway.
 */
export class Processes extends SuiteProcess {
  constructor(
    private readonly options: string[] = [],
    settings: Settings = {},
  ) {
    super(settings);
  }

  /** Every process of a new house, ready. */
  static async run(options: string[] = [], settings: Settings = {}): Promise<Processes> {
    const processes = new Processes(options, settings);
    await processes.start().catch(async (error: unknown) => {
      await processes.close();
      throw error;
    });
    return processes;
  }

  override start(settings: Settings = {}): Promise<void> {
    return super.start(settings, ([node]) => [node!, 'scripts/processes.mjs', ...this.options]);
  }

  /** Who runs now, as the script wrote it down. */
  get listed(): Listed[] {
    return JSON.parse(readFileSync(join(this.home, 'processes.json'), 'utf8')) as Listed[];
  }

  pidOf(name: string): number {
    return this.listed.find((one) => one.name === name)!.pid;
  }

  /** URL of a gateway, counted from 1. */
  gateway(n: number): string {
    return this.listed.find((one) => one.name === `gateway-${n}`)!.url!;
  }

  signal(name: string, signal: NodeJS.Signals): void {
    process.kill(this.pidOf(name), signal);
  }

  /** `kill -9` of one process, and its end. */
  async kill(name: string): Promise<void> {
    const pid = this.pidOf(name);
    process.kill(pid, 'SIGKILL');
    await until(`${name} to end`, () => !isAlive(pid));
  }

  /** How many sandboxes an executor runs now, told by the kernel. */
  sandboxesOf(name: string): number {
    const parent = String(this.pidOf(name));
    return readdirSync('/proc').filter((name) => {
      const [state, of] = statOf(name);
      return of === parent && state !== 'Z';
    }).length;
  }
}

/** A zombie has ended. */
const isAlive = (pid: number): boolean => !['', 'Z', 'X'].includes(statOf(String(pid))[0] ?? '');

/** State, parent and what follows in /proc/<pid>/stat; empty for a process that is gone. */
const statOf = (pid: string): string[] => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [''];
  }
};
