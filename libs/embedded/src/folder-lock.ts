import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { alreadyRunning } from './embedded.errors.js';

/**
 * Makes this process the only one that starts servers on a folder. The lock is an abstract socket (unix(7)): the kernel
 * gives it back however the process ends, so a lock that is free proves that any server still running is an orphan.
 * Returns the release; throws `embedded.already_running`.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const name = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? alreadyRunning(folder) : error),
    );
    server.listen(`\0spectrace/${name}`, resolve);
  });
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}
