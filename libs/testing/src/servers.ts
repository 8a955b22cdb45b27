import { startPostgres } from '#embedded';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The one PostgreSQL of a test run; every test file gets databases of its own in it. */
export const startTestServer = async (): Promise<{ adminUrl: string; stop: () => Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), 'spectrace-test-'));
  chmodSync(folder, 0o711); // PostgreSQL runs as another user when this one is root
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), ephemeral: true });
  return {
    adminUrl: postgres.adminUrl,
    stop: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
