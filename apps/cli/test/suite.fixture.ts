import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../../..');
const START_MS = 60_000;
const COMMAND_MS = 25_000;

export const ADMIN = { email: 'first.admin@example.org', password: 'correct horse battery' };
export const SAMPLE = join(ROOT, 'examples/tidy/tidy.yaml');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A suite in a process and a folder of its own, and the CLI against it. */
export class TestSuite {
  private constructor(
    private readonly folder: string,
    private readonly process: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<TestSuite> {
    const folder = mkdtempSync(join(tmpdir(), 'spectrace-cli-'));
    chmodSync(folder, 0o711); // PostgreSQL and the sandbox, as users of their own, pass through
    mkdirSync(join(folder, 'home'), { mode: 0o711 });
    const child = spawn(process.execPath, [join(ROOT, 'dist/apps/suite/src/main.js')], {
      cwd: ROOT,
      env: {
        ...process.env,
        PORT: '0',
        HOST: '127.0.0.1',
        SPECTRACE_HOME: join(folder, 'home'),
        WORKSPACE_ROOTS: join(folder, 'workspaces'),
        SPECTRACE_SAMPLE: 'false',
        SPECTRACE_ADMIN_EMAIL: ADMIN.email,
        SPECTRACE_ADMIN_PASSWORD: ADMIN.password,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const url = await readyUrl(child);
    return new TestSuite(folder, child, url);
  }

  get home(): string {
    return join(this.folder, 'home');
  }

  /** A path below the roots that runs may work in. */
  workspace(name: string): string {
    return join(this.folder, 'workspaces', name);
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** The CLI as `who`, whose login is kept in a file of that name. */
  cli(
    who: string,
    args: string[],
    options: { input?: string; cwd?: string; url?: string; apiKey?: string } = {},
  ): Promise<Ended> {
    return run(process.execPath, [join(ROOT, 'dist/apps/cli/src/main.js'), ...args], {
      ...options,
      env: { ...this.environment(who, options.url), SPECTRACE_API_KEY: options.apiKey },
    });
  }

  /** The same in a terminal of its own, where somebody types `typed` at the first question. */
  cliInTerminal(who: string, args: string[], typed: string): Promise<Ended> {
    const command = [process.execPath, join(ROOT, 'dist/apps/cli/src/main.js'), ...args].join(' ');
    return run('script', ['-qec', command, '/dev/null'], { env: this.environment(who), typed });
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    if (this.process.exitCode === null) {
      this.process.kill('SIGTERM');
      await gone;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private environment(who: string, url = this.url): NodeJS.ProcessEnv {
    const { INIT_CWD: _npm, COLUMNS: _width, NO_COLOR: _color, ...rest } = process.env;
    return { ...rest, SPECTRACE_URL: url, SPECTRACE_CONFIG: this.file(`${who}.json`) };
  }
}

const readyUrl = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    const said: string[] = [];
    const failed = (why: string): void => reject(new Error(`the suite ${why}: ${said.join('\n')}`));
    AbortSignal.timeout(START_MS).addEventListener('abort', () => failed('was not ready in time'));
    child.once('exit', (code) => failed(`ended with ${code}`));
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        const url = /^SpecTrace is ready: (\S+)/.exec(line)?.[1];
        if (url) resolve(url);
      });
    }
  });

interface RunOptions {
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Standard input, whole. */
  input?: string;
  /** What is typed once something has been asked. */
  typed?: string;
}

const run = (program: string, args: string[], { env, cwd, input, typed }: RunOptions): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, cwd: cwd ?? ROOT, stdio: ['pipe', 'pipe', 'pipe'], timeout: COMMAND_MS });
    const ended: Ended = { code: null, stdout: '', stderr: '' };
    let answered = typed === undefined;
    child.stdout.on('data', (chunk) => {
      ended.stdout += String(chunk);
      if (answered || !ended.stdout.includes(': ')) return;
      answered = true;
      child.stdin.write(`${typed}\r`);
    });
    child.stderr.on('data', (chunk) => (ended.stderr += String(chunk)));
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...ended, code }));
    if (typed === undefined) child.stdin.end(input ?? '');
  });
