import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { programPath } from './env.js';
import { postgresFailed, setprivFailed } from './embedded.errors.js';

const exec = promisify(execFile);

/** An unprivileged operating-system user. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** Nothing of this process's environment reaches a server: it may hold provider keys. */
export const childEnv = { PATH: programPath, LC_ALL: 'C', TZ: 'UTC' };

/** Whom PostgreSQL runs as: it refuses root. `null` = this process's own user. */
export async function postgresAccount(): Promise<Account | null> {
  if (process.geteuid?.() !== 0) {
    refuseNameless();
    return null;
  }
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all(['-u', '-g'].map((flag) => exec('id', [flag, name]))).catch(() => null);
    if (ids) return { name, uid: Number(ids[0]!.stdout), gid: Number(ids[1]!.stdout) };
  }
  throw postgresFailed(
    'PostgreSQL may not run as root and there is no user postgres or nobody: `adduser --system postgres`.',
  );
}

/** initdb looks its user up; a container started with a bare number has none. */
function refuseNameless(): void {
  try {
    userInfo();
  } catch {
    throw postgresFailed(
      `PostgreSQL needs a user with a name, and user ${process.geteuid?.()} has none: add it to /etc/passwd, or start as root or another user.`,
    );
  }
}

/**
 * The argv that runs `argv` as the account and sends it `deathSignal` when this process ends, kill -9 included
 * (PR_SET_PDEATHSIG, prctl(2)).
 */
export function boundToUs(account: Account | null, deathSignal: 'INT' | 'TERM' | 'KILL', argv: string[]): string[] {
  const user = account ? ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups'] : [];
  return ['setpriv', ...user, '--pdeathsig', deathSignal, '--', ...argv];
}

/** Runs a program to its end. `output` is stdout and stderr, trimmed; throws `embedded.setpriv_failed` only. */
export async function runAs(account: Account | null, argv: string[]): Promise<{ ok: boolean; output: string }> {
  const [program, ...args] = boundToUs(account, 'KILL', argv);
  try {
    const { stdout, stderr } = await exec(program!, args, { cwd: '/', env: childEnv });
    return { ok: true, output: (stdout + stderr).trim() };
  } catch (error) {
    const {
      code,
      stdout = '',
      stderr = '',
      message,
    } = error as Error & { code: unknown; stdout: string; stderr: string };
    if (code === 'ENOENT' || /^setpriv: (?!failed to execute)/m.test(stderr))
      throw setprivFailed(stderr.trim() || message);
    return { ok: false, output: (stdout + stderr).trim() || message };
  }
}

/** The topmost folder on the way to `folder` that the account may not enter; `null` when it can enter all of them. */
export async function closedFolder(account: Account | null, folder: string): Promise<string | null> {
  if ((await runAs(account, ['test', '-x', folder])).ok) return null;
  const above = dirname(folder);
  return above === folder ? folder : ((await closedFolder(account, above)) ?? folder);
}
