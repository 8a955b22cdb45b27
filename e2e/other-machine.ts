import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CHECKOUT, type Wrap } from './suite-process.js';

/** Exists on every Linux and is empty: where the checkout lies for a user who cannot reach its real place. */
const ELSEWHERE = '/mnt';
/** Where a program may be found although it is not on PATH. */
const ALWAYS_SEARCHED = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * A machine like this one, on which a program is not installed: a mount namespace in which every copy of it is an empty
 * file that cannot be run.
 */
export const without = (program: string, folder: string): Wrap => {
  const nothing = join(folder, 'nothing');
  writeFileSync(nothing, '', { mode: 0o644 });
  const searched = [...(process.env.PATH ?? '').split(delimiter), ...ALWAYS_SEARCHED];
  const copies = searched.map((path) => join(path, program)).filter((path) => existsSync(path));
  if (copies.length === 0) throw new Error(`${program} is not installed here at all`);
  const hidden = new Set(copies.map((path) => realpathSync(path)));
  const mounts = [...hidden].flatMap((path) => ['--ro-bind', nothing, path]);
  const asRoot = process.geteuid?.() === 0 ? ['--cap-add', 'ALL'] : [];
  return (argv) => ['bwrap', '--die-with-parent', '--dev-bind', '/', '/', ...mounts, ...asRoot, '--', ...argv];
};

/**
 * As another user, when we are root; the checkout is shown to them where they can reach it. Each program replaces the
 * one before, so that signals go to the suite itself.
 */
export const asUser =
  (uid: number): Wrap =>
  (argv) => {
    const moved = argv.map((word) =>
      word.startsWith(`${CHECKOUT}/`) ? ELSEWHERE + word.slice(CHECKOUT.length) : word,
    );
    const user = `setpriv --reuid ${uid} --regid ${uid} --clear-groups`;
    const script = `mount --bind "$0" ${ELSEWHERE} && cd ${ELSEWHERE} && exec ${user} -- "$@"`;
    return ['unshare', '--mount', 'sh', '-c', script, CHECKOUT, ...moved];
  };
