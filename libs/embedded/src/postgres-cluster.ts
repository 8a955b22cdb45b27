import { randomBytes } from 'node:crypto';
import { access, chmod, chown, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { closedFolder, runAs, type Account } from './account.js';
import { postgresFailed } from './embedded.errors.js';
import { orphanEnds, pidIn, servesPath } from './orphan.js';
import type { Binaries } from './postgres-binaries.js';

const postgresMajor = '18';
/** An orphan got SIGINT when its parent died; a fast shutdown writes at most one checkpoint. */
const orphanDeadlineMs = 15_000;

/** A database folder and what is needed to run it. `path` is PGDATA. */
export interface Cluster {
  path: string;
  adminPassword: string;
}

export const adminUser = 'postgres';

/** Makes `dataDir` and lets the account through it, not into it. Throws when a folder above is closed to the account. */
export async function openDataDir(account: Account | null, dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  if (!account) return;
  await chmod(dataDir, 0o711);
  const closed = await closedFolder(account, dataDir);
  if (!closed) return;
  throw postgresFailed(
    `PostgreSQL may not run as root, and its user ${account.name} cannot reach ${dataDir} because ${closed} is closed to others: choose a folder it can reach (for example SPECTRACE_HOME=/var/lib/spectrace), run \`chmod o+x ${closed}\`, or start as an ordinary user.`,
  );
}

/** The cluster in `dataDir`, created if there is none, with no older server left on it. */
export async function readyCluster(
  account: Account | null,
  dataDir: string,
  binaries: Binaries,
  ephemeral: boolean,
): Promise<Cluster> {
  const path = join(dataDir, 'cluster');
  const passwordFile = join(dataDir, 'admin.password');
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) {
    return { path, adminPassword: await createCluster({ account, dataDir, path, passwordFile, binaries, ephemeral }) };
  }
  await ownCluster(account, path);
  const major = (await readFile(join(path, 'PG_VERSION'), 'utf8')).trim();
  if (major !== postgresMajor) {
    throw postgresFailed(
      `${path} was written by PostgreSQL ${major} and this is ${postgresMajor}: dump it with the old version and restore it into an empty folder.`,
    );
  }
  await endOrphan(account, path, binaries);
  const adminPassword = await readFile(passwordFile, 'utf8').catch(() => {
    throw postgresFailed(`${passwordFile} is missing or closed, and the data cannot be opened without it: restore it.`);
  });
  return { path, adminPassword };
}

/** A cluster appears whole or not at all: initdb works beside it, and one rename publishes it. */
async function createCluster(setup: {
  account: Account | null;
  dataDir: string;
  path: string;
  passwordFile: string;
  binaries: Binaries;
  ephemeral: boolean;
}): Promise<string> {
  const { account, dataDir, path, passwordFile, binaries, ephemeral } = setup;
  const staging = join(dataDir, 'initdb.unfinished');
  const password = randomBytes(24).toString('hex');
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { mode: 0o700 });
  await writeDurably(passwordFile, password);
  await writeDurably(join(staging, 'password'), password);
  if (account) {
    await chown(staging, account.uid, account.gid);
    await chown(join(staging, 'password'), account.uid, account.gid);
  }
  const unfinished = join(staging, 'cluster');
  const result = await runAs(account, [
    binaries.initdb,
    ...['-D', unfinished, '-U', adminUser, '--pwfile', join(staging, 'password'), '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
    ...(ephemeral ? ['--no-sync'] : []),
  ]);
  if (!result.ok) {
    await rm(staging, { recursive: true, force: true });
    throw postgresFailed(`A database could not be created in ${dataDir}: make room or fix the folder.`, result.output);
  }
  await rename(unfinished, path);
  await rm(staging, { recursive: true, force: true });
  return password;
}

async function writeDurably(file: string, text: string): Promise<void> {
  await rm(file, { force: true });
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** PostgreSQL opens only a folder of its own user; as root we may hand it over. */
async function ownCluster(account: Account | null, path: string): Promise<void> {
  const { uid } = await stat(path);
  if (uid === (account?.uid ?? process.geteuid?.())) return;
  if (!account) {
    throw postgresFailed(`${path} belongs to another user: start as that user (or as root), or choose another folder.`);
  }
  const handedOver = await runAs(null, ['chown', '-R', `${account.uid}:${account.gid}`, path]);
  if (!handedOver.ok) throw postgresFailed(`${path} cannot be given to user ${account.name}.`, handedOver.output);
}

/** Only with the folder's lock held: whoever started a server that still runs is gone. */
async function endOrphan(account: Account | null, path: string, binaries: Binaries): Promise<void> {
  const pidFile = join(path, 'postmaster.pid');
  const pid = await pidIn(pidFile);
  if (pid === null) return;
  if (!(await servesPath(pid, path))) {
    // PostgreSQL takes any living process with this number for its predecessor. A dead number it handles itself, and
    // better: the file also names the shared memory that a surviving backend would still hold.
    if (await isAlive(pid)) await rm(pidFile, { force: true });
    return;
  }
  if (await orphanEnds(pid, path, orphanDeadlineMs)) return;
  const stopped = await runAs(account, [binaries.pg_ctl, 'stop', '-D', path, '-m', 'fast', '-w', '-t', '60']);
  if (!stopped.ok)
    throw postgresFailed(`An older server (process ${pid}) does not stop: stop it by hand.`, stopped.output);
}

const isAlive = (pid: number) =>
  access(`/proc/${pid}`).then(
    () => true,
    () => false,
  );
