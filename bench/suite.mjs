import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const CHECKOUT = join(import.meta.dirname, '..');
const ADMIN = { email: 'bench@example.org', password: 'of the benchmark' };
/** Whom the sandbox becomes under root; it refuses folders of root. */
const SANDBOX_ID = 61_000;
const POLL_MS = 20;
const START_DEADLINE_MS = 120_000;
const MIB_KB = 1024;

/** One suite on one folder; started and stopped as often as needed. */
export class Suite {
  folder = mkdtempSync(join(tmpdir(), 'spectrace-bench-'));
  home = join(this.folder, 'home');
  workspaces = `${this.home}-workspaces`;

  /** @param settings environment variables beside those of every benchmark */
  constructor(settings = {}) {
    this.settings = settings;
    chmodSync(this.folder, 0o755);
  }

  /** Milliseconds from the start of the process to the first 200 of /readyz. */
  async start() {
    const began = performance.now();
    this.output = '';
    this.process = spawn(process.execPath, ['--enable-source-maps', 'dist/apps/suite/src/main.js'], {
      cwd: CHECKOUT,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        HOME: this.folder,
        PORT: '0',
        SPECTRACE_HOME: this.home,
        SPECTRACE_SAMPLE: 'false',
        SPECTRACE_ADMIN_EMAIL: ADMIN.email,
        SPECTRACE_ADMIN_PASSWORD: ADMIN.password,
        ...this.settings,
      },
    });
    this.process.stdout.on('data', (chunk) => (this.output += chunk));
    for (;;) {
      this.url = /ready: (\S+)/.exec(this.output)?.[1];
      if (this.url && (await fetch(`${this.url}/readyz`)).status === 200) return performance.now() - began;
      if (this.process.exitCode !== null) throw new Error(`the suite ended: ${this.output}`);
      if (performance.now() - began > START_DEADLINE_MS) throw new Error('the suite does not get ready');
      await delay(POLL_MS);
    }
  }

  async stop() {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    await ended;
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async call(method, path, body, type = 'application/json') {
    const answer = await fetch(this.url + path, {
      method,
      headers: { 'content-type': type, ...(this.token && { authorization: `Bearer ${this.token}` }) },
      body: typeof body === 'object' ? JSON.stringify(body) : body,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  async signIn() {
    this.token = undefined;
    this.token = (await this.call('POST', '/api/auth/login', ADMIN)).access_token;
  }

  /** The access token of a new member. */
  async person(team, email, role = 'viewer') {
    const { one_time_password: old } = await this.call('POST', `/api/teams/${team}/members`, { email, role });
    const admin = this.token;
    const password = `the password of ${email}`;
    try {
      this.token = (await this.call('POST', '/api/auth/login', { email, password: old })).access_token;
      await this.call('POST', '/api/auth/password', { old, new: password });
      return (await this.call('POST', '/api/auth/login', { email, password })).access_token;
    } finally {
      this.token = admin;
    }
  }

  /** Writes a file for other processes of the benchmark; returns its path. */
  keepJson(name, value) {
    const file = join(this.folder, name);
    writeFileSync(file, JSON.stringify(value));
    return file;
  }

  workspace(name, files) {
    const folder = join(this.workspaces, name);
    mkdirSync(folder);
    const own = (path) => process.geteuid() === 0 && chownSync(path, SANDBOX_ID, SANDBOX_ID);
    own(folder);
    for (let n = 0; n < files; n++) {
      const parent = join(folder, `f${n % 100}`);
      if (n < 100) own(mkdirSync(parent, { recursive: true }) ?? parent);
      writeFileSync(join(parent, `${n}.txt`), `file ${n}\n`);
      own(join(parent, `${n}.txt`));
    }
    return folder;
  }

  execute(playbook, path, wait) {
    return this.call('POST', '/api/execute', {
      task_description: 'read',
      agent_type: 'playbook',
      playbook: { name: playbook },
      workspace: { kind: 'local', path },
      wait,
    });
  }
}

/** Process id -> parent, name, proportional set size in KiB, of a process and everything below it. */
const processTree = (root) => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]);
        return [{ pid: Number(pid), parent, name }];
      } catch {
        return [];
      }
    });
  const below = (pid) => [pid, ...all.filter(({ parent }) => parent === pid).flatMap((child) => below(child.pid))];
  const ours = new Set(below(root));
  return all
    .filter(({ pid }) => ours.has(pid))
    .flatMap((one) => {
      try {
        return [
          { ...one, kb: Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one.pid}/smaps_rollup`, 'utf8'))[1]) },
        ];
      } catch {
        return []; // it has ended meanwhile
      }
    });
};

/** Proportional set size in MiB of a suite's processes, by program. */
export const memoryOf = (suite) => {
  const tree = processTree(suite.process.pid);
  const mib = (fits) =>
    Number((tree.filter(({ name }) => fits(name)).reduce((sum, { kb }) => sum + kb, 0) / MIB_KB).toFixed(1));
  const isPostgres = (name) => name.startsWith('postgres');
  const isNats = (name) => name.startsWith('nats');
  return {
    total: mib(() => true),
    node: mib((name) => !isPostgres(name) && !isNats(name)),
    postgres: mib(isPostgres),
    nats: mib(isNats),
    processes: tree.length,
  };
};
