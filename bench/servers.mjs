// NATS and PostgreSQL of a benchmark's own, for a suite that shares them with it.
import '../scripts/from-source.mjs';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

await import('reflect-metadata');
const { startNats, startPostgres } = await import('../libs/embedded/src/index.ts');

const makeFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'spectrace-bench-servers-'));
  chmodSync(folder, 0o711); // PostgreSQL runs as another user when this one is root
  return folder;
};

/** `{nats, adminUrl, stop}`: `nats` for connect(), `natsUrl` and `adminUrl` for settings. Only what is asked for is started. */
export const startServers = async ({ postgres: wantsPostgres = false } = {}) => {
  const folder = makeFolder();
  const started = [];
  const stop = async () => {
    for (const server of started) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const login = { user: 'bench', password: randomBytes(16).toString('hex') };
    const access = { authorization: login };
    const nats = await startNats({ storeDir: join(folder, 'nats'), binDir: join(folder, 'bin'), access });
    started.push(nats);
    const postgres = wantsPostgres ? await startPostgres({ dataDir: join(folder, 'postgres') }) : null;
    if (postgres) started.push(postgres);
    const servers = `127.0.0.1:${nats.port}`;
    const natsUrl = `nats://${login.user}:${login.password}@${servers}`;
    return { nats: { servers, user: login.user, pass: login.password }, natsUrl, adminUrl: postgres?.adminUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
