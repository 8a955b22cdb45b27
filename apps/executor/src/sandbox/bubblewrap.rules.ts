import type { SandboxCommand } from './sandbox.js';

const scratchBytes = 16 * 1024 * 1024;
const defaultPath = '/usr/bin:/bin';

/** Per process, but for `processes`. Memory is `dataBytes`: a limit on address space would stop Node from starting. */
const limits = {
  processes: 64,
  fileBytes: 256 * 1024 * 1024,
  openFiles: 256,
  cpuSeconds: 600,
  dataBytes: 1024 * 1024 * 1024,
};

/**
 * Set inside the box: there the kernel (5.14 and newer) counts the processes of the box's own user namespace, outside
 * those of the user on the whole machine. They are hard limits, and raising them needs a capability of the host.
 */
export const limitArguments = (): string[] => [
  '/usr/bin/prlimit',
  `--nproc=${limits.processes}`,
  `--fsize=${limits.fileBytes}`,
  `--nofile=${limits.openFiles}`,
  `--cpu=${limits.cpuSeconds}`,
  `--data=${limits.dataBytes}`,
  '--core=0',
  '--',
];

/**
 * bwrap's options. They go through a file descriptor because `env` may hold secrets and a command line is readable by
 * every user of the machine. Order matters: a mount hides what was mounted below it, and `/` is closed last.
 */
export function boxArguments({ env, workspace }: SandboxCommand, statusFd: number): string[] {
  const scratch = ['--size', `${scratchBytes}`, '--tmpfs'];
  return [
    ...['--unshare-all', '--unshare-user', '--disable-userns', '--cap-drop', 'ALL'],
    ...['--die-with-parent', '--new-session', '--json-status-fd', `${statusFd}`],
    ...['--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin', '--symlink', 'usr/sbin', '/sbin'],
    ...['--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64'],
    ...['--ro-bind-try', '/etc/alternatives', '/etc/alternatives'],
    ...['--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache'],
    ...['--proc', '/proc', '--dev', '/dev', ...scratch, '/dev/shm', '--remount-ro', '/dev', ...scratch, '/tmp'],
    ...['--bind', workspace, '/ws', '--chdir', '/ws', '--remount-ro', '/'],
    ...['--clearenv', '--setenv', 'PATH', defaultPath],
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
  ];
}
