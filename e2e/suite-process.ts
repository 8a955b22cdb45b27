import { until } from '#testing';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Answer, Caller } from './caller.js';

export const CHECKOUT = join(import.meta.dirname, '..');
export const ADMIN = { email: 'first.admin@example.org', password: 'correct horse battery' };
const MAIN = join(CHECKOUT, 'dist/apps/suite/src/main.js');
/** All that is printed with it has come. */
const READY = /^SpecTrace is ready: (\S+)[^]*^Running until Ctrl-C\.$/m;
const FIRST_LOGIN = /^First login, shown this once: (\S+) {2}(\S+)$/m;
const START_MS = 60_000;
const STOP_MS = 20_000;

export type Settings = Record<string, string>;

/** How a process ended, and everything it printed. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Milliseconds from the start of the process, or from the signal that stopped it. */
  ms: number;
}

/** Wraps the command line that starts a suite: another user, a machine on which a program is missing. */
export type Wrap = (argv: string[]) => string[];

/**
 * The real suite as a child process on a folder of its own, started, killed and started again as often as a test likes.
 * PostgreSQL, NATS and the HTTP surface take free ports; nothing outside the folder is touched.
 */
export class SuiteProcess {
  /** Holds everything of this installation. */
  readonly folder: string;
  readonly home: string;
  readonly workspaces: string;
  /** Of the running suite; changes with every start. */
  url = '';
  /** The first admin, signed in anew at every start. */
  admin!: Caller;
  team = '';
  private login = ADMIN;
  private child: ChildProcess | null = null;
  private ended: Promise<Ended> | null = null;
  private stdout = '';
  private stderr = '';

  /** @param folder of another suite, to start a second one on */
  constructor(
    private readonly settings: Settings = {},
    folder?: string,
  ) {
    this.folder = folder ?? mkdtempSync(join(tmpdir(), 'spectrace-e2e-'));
    // As root, PostgreSQL and the sandbox run as other users, who must get through.
    chmodSync(this.folder, 0o755);
    this.home = join(this.folder, 'home');
    this.workspaces = `${this.home}-workspaces`;
    mkdirSync(this.home, { recursive: true, mode: 0o711 });
  }

  /** A suite on an empty folder, ready. */
  static async open(settings: Settings = {}): Promise<SuiteProcess> {
    const suite = new SuiteProcess(settings);
    await suite.start().catch(async (error: unknown) => {
      await suite.close();
      throw error;
    });
    return suite;
  }

  /** What the running process has printed. */
  get output(): string {
    return this.stdout;
  }

  /** Starts the process and waits until it answers; what is given holds for this start alone. */
  async start(settings: Settings = {}, wrap?: Wrap): Promise<void> {
    this.spawn(settings, wrap);
    this.url = await until(
      'the suite to be ready',
      () => {
        if (this.hasExited()) throw new Error(`the suite ended at start: ${this.stderr}${this.stdout}`);
        return READY.exec(this.stdout)?.[1];
      },
      START_MS,
    );
    const [, email, password] = FIRST_LOGIN.exec(this.stdout) ?? [];
    if (email && password) this.login = { email, password };
    this.admin = await Caller.signIn(this.url, this.login.email, this.login.password);
    this.team = (await this.admin.get('/api/auth/me')).body.team;
  }

  /** Starts the process and waits for its end, for starts that are to be refused. */
  async failToStart(settings: Settings = {}, wrap?: Wrap): Promise<Ended> {
    this.spawn(settings, wrap);
    const late = setTimeout(() => this.child?.kill('SIGKILL'), START_MS);
    const ended = await this.ended!;
    clearTimeout(late);
    return ended;
  }

  /** `kill -9`, and nothing else: whatever dies with the process has to do so by itself. */
  async crash(): Promise<void> {
    this.child!.kill('SIGKILL');
    await this.ended;
  }

  /** SIGTERM, and how the process ended. */
  async stop(): Promise<Ended> {
    const began = performance.now();
    this.child!.kill('SIGTERM');
    const late = setTimeout(() => this.child?.kill('SIGKILL'), STOP_MS);
    const ended = await this.ended!;
    clearTimeout(late);
    return { ...ended, ms: performance.now() - began };
  }

  /** Ends the process and everything it left, and removes its folder. */
  async close(): Promise<void> {
    if (this.child && !this.hasExited()) await this.stop();
    await until('the last child to end', () => this.processes().length === 0, STOP_MS);
    rmSync(this.folder, { recursive: true, force: true });
  }

  hasExited(): boolean {
    return this.child === null || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Processes of this installation other than the suite itself, by what their command lines name. */
  processes(naming = this.home): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== this.child?.pid)
      .filter((pid) => commandLine(pid).includes(naming))
      .map(Number);
  }

  /** A second person of the suite's team, signed in with the one-time password and then with one of their own. */
  async person(email: string, role: string, team = this.team): Promise<Caller> {
    const { body } = await this.admin.post(`/api/teams/${team}/members`, { email, role });
    const first = await Caller.signIn(this.url, email, body.one_time_password);
    const fresh = passwordOf(email);
    const changed = await first.post('/api/auth/password', { old: body.one_time_password, new: fresh });
    if (changed.status !== 204) throw new Error(`password of ${email}: ${JSON.stringify(changed.body)}`);
    return this.personAgain(email);
  }

  /** The same person in a suite that was started again. */
  personAgain(email: string): Promise<Caller> {
    return Caller.signIn(this.url, email, passwordOf(email));
  }

  /** Rows of the suite's own database, seen by its administrator: every team's. */
  async sql<T = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<T[]> {
    const client = await this.connect();
    try {
      return (await client.query(text, values)).rows as T[];
    } finally {
      await client.end();
    }
  }

  /** The same, for many questions. */
  async connect(): Promise<pg.Client> {
    const [, , , port] = readFileSync(join(this.home, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n');
    const password = readFileSync(join(this.home, 'postgres/admin.password'), 'utf8');
    const connectionString = `postgres://postgres:${password}@127.0.0.1:${port}/spectrace`;
    const client = new pg.Client({ connectionString });
    await client.connect();
    return client;
  }

  /** Everything the suite has logged, all its starts together. */
  log(): string {
    return readFileSync(join(this.home, 'suite.log'), 'utf8');
  }

  private spawn(settings: Settings, wrap: Wrap = (argv) => argv): void {
    if (!this.hasExited()) throw new Error('the suite is running');
    const began = performance.now();
    this.stdout = '';
    this.stderr = '';
    const [program, ...args] = wrap([process.execPath, '--enable-source-maps', MAIN]);
    const child = spawn(program!, args, {
      cwd: CHECKOUT,
      env: {
        PATH: process.env.PATH,
        HOME: this.folder,
        PORT: '0',
        SPECTRACE_HOME: this.home,
        SPECTRACE_ADMIN_EMAIL: ADMIN.email,
        SPECTRACE_ADMIN_PASSWORD: ADMIN.password,
        SPECTRACE_SAMPLE: 'false',
        ...this.settings,
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout!.on('data', (chunk) => (this.stdout += String(chunk)));
    child.stderr!.on('data', (chunk) => (this.stderr += String(chunk)));
    this.child = child;
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      // Its children hold the pipes a little longer than it lives: the exit counts, not their end.
      child.once('exit', (code, signal) =>
        setImmediate(() =>
          resolve({ code, signal, stdout: this.stdout, stderr: this.stderr, ms: performance.now() - began }),
        ),
      );
    });
  }
}

/** The password that `person` chooses. */
export const passwordOf = (email: string): string => `the password of ${email}`;

/** A zombie has no command line any more. */
const commandLine = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};

/** What a refusal must look like, whatever was refused: RFC 9457 with our code and the request's id. */
export const problemOf = ({ status, headers, body }: Answer): { status: number; code: string } => {
  const type = headers.get('content-type') ?? '';
  const isProblem = /^application\/problem\+json/.test(type) && body.status === status && body.type === 'about:blank';
  const isWhole = typeof body.code === 'string' && typeof body.detail === 'string' && typeof body.title === 'string';
  if (!isProblem || !isWhole || body.request_id !== headers.get('x-request-id')) {
    throw new Error(`no problem: ${status} ${type} ${JSON.stringify(body)}`);
  }
  return { status, code: body.code };
};
