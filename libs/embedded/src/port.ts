import { createServer } from 'node:net';
import { portTaken } from './embedded.errors.js';

/** A loopback port that is free now: `wanted`, or any when it is 0. Throws `embedded.port_taken`. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portTaken(wanted, error.code ?? error.message)));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      const port = address && typeof address === 'object' ? address.port : wanted;
      server.close(() => resolve(port));
    });
  });
}
