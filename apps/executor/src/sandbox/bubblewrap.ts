import { constants } from 'node:fs';
import { access, chown, lstat, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { isAppError } from '#kernel';
import { inSpan } from '#telemetry';
import { boxArguments, limitArguments } from './bubblewrap.rules.js';
import { runBox } from './box.js';
import type { Sandbox, SandboxCommand, SandboxResult } from './sandbox.js';
import { commandInvalid, sandboxUnavailable, workspaceInvalid, workspaceOwnedByRoot } from './sandbox.errors.js';

export interface BubblewrapOptions {
  /** Folders to find bwrap in, as in PATH; add the folder of an unpacked copy. */
  searchPath?: string;
}

const probeTimeoutMs = 10_000;
const probeLimitBytes = 4_096;
/** `nobody`: the probe's folder must not be root's. */
const probeUid = 65_534;
const maxTimeoutMs = 2 ** 31 - 1;

/**
 * bubblewrap (bwrap(1)): user, mount, pid, network, ipc, uts and cgroup namespaces; a read-only system; the workspace at
 * `/ws`. As root the program runs as the workspace's owner, because resource limits do not bind root.
 */
export class Bubblewrap implements Sandbox {
  readonly kind = 'bubblewrap';

  private constructor(private readonly bwrap: string) {}

  /** Runs a real command in a real box first. Throws `sandbox.unavailable`. */
  static async probe(options: BubblewrapOptions = {}): Promise<Bubblewrap> {
    const sandbox = new Bubblewrap(await findBwrap(options.searchPath ?? '/usr/local/bin:/usr/bin:/bin'));
    const workspace = await mkdtemp(join(tmpdir(), 'sandbox-probe-'));
    try {
      if (process.geteuid?.() === 0) await chown(workspace, probeUid, probeUid);
      const { exit_code, stdout, stderr } = await sandbox.run({
        argv: ['/bin/sh', '-c', 'echo ready > probe && cat probe'],
        env: {},
        workspace,
        timeout_ms: probeTimeoutMs,
        output_limit_bytes: probeLimitBytes,
      });
      if (exit_code !== 0 || stdout !== 'ready\n') throw sandboxUnavailable(stderr.trim() || `exit code ${exit_code}`);
      return sandbox;
    } catch (error) {
      if (isAppError(error) && error.code !== 'sandbox.unavailable') throw sandboxUnavailable(error.message);
      throw error;
    } finally {
      await rm(workspace, { recursive: true, force: true });
    }
  }

  /**
   * Throws `sandbox.command_invalid`, `sandbox.workspace_invalid`, `sandbox.workspace_owned_by_root`, `sandbox.failed`
   * (nothing was run) and `sandbox.not_stopped`.
   */
  async run(command: SandboxCommand): Promise<SandboxResult> {
    refuseInvalid(command);
    const user = await workspaceUser(command.workspace);
    const argv = [
      ...(user
        ? ['setpriv', '--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups', '--no-new-privs', '--']
        : []),
      ...[this.bwrap, '--args', '4', '--', ...limitArguments(), ...command.argv],
    ];
    return inSpan({ service: 'executor', name: 'sandbox bubblewrap' }, async (span) => {
      const result = await runBox({ argv, options: boxArguments(command, 3), command });
      const { exit_code, timed_out, truncated } = result;
      span.set({
        ...(exit_code !== null && { 'process.exit.code': exit_code }),
        'spectrace.sandbox.timed_out': timed_out,
        'spectrace.sandbox.truncated': truncated,
      });
      return result;
    });
  }
}

async function findBwrap(searchPath: string): Promise<string> {
  for (const folder of searchPath.split(delimiter).filter((entry) => isAbsolute(entry))) {
    const program = join(folder, 'bwrap');
    const runs = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return program;
  }
  throw sandboxUnavailable('bwrap is not installed');
}

/** Options travel NUL-separated: a NUL inside a value would smuggle in options of its own. */
function refuseInvalid({ argv, env, workspace, timeout_ms, output_limit_bytes }: SandboxCommand): void {
  if (!argv[0]) throw commandInvalid('argv must name a program.');
  if ([...argv, ...Object.keys(env), ...Object.values(env), workspace].some((text) => text.includes('\0'))) {
    throw commandInvalid('argv, env and workspace must not contain NUL bytes.');
  }
  if (Object.keys(env).some((name) => name === '' || name.includes('='))) {
    throw commandInvalid('The name of an environment variable must not be empty or contain "=".');
  }
  if (!(timeout_ms > 0 && timeout_ms <= maxTimeoutMs)) {
    throw commandInvalid(`timeout_ms must be above 0 and at most ${maxTimeoutMs}.`);
  }
  if (!(output_limit_bytes >= 0)) throw commandInvalid('output_limit_bytes must not be negative.');
}

/** Whom to become before the box is made; `null` = we are nobody special already. */
async function workspaceUser(workspace: string): Promise<{ uid: number; gid: number } | null> {
  if (!isAbsolute(workspace)) throw workspaceInvalid(workspace, 'its path is not absolute');
  const folder = await lstat(workspace).catch((error: Error) => {
    throw workspaceInvalid(workspace, error.message);
  });
  if (!folder.isDirectory()) throw workspaceInvalid(workspace, 'it is not a folder');
  if (process.geteuid?.() !== 0) return null;
  if (folder.uid === 0) throw workspaceOwnedByRoot(workspace);
  return { uid: folder.uid, gid: folder.gid || folder.uid };
}
