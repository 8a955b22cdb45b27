import { createServer } from 'node:net';

/**
 * Makes this process the only one on the machine that drives an execution, until the lock is disposed of or the process
 * ends; null while another one has not let go. The lease says who may write rows, but a process that was paused for
 * longer may be in the middle of a command: nobody else touches the folder before its sandbox and it are out of there.
 * The lock is an abstract socket (unix(7)), which the kernel gives back however the process ends.
 */
export const lockExecution = async (executionId: string): Promise<AsyncDisposable | null> => {
  const server = createServer((socket) => socket.destroy());
  const taken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(true) : reject(error),
    );
    server.listen(`\0spectrace/execution/${executionId}`, () => resolve(false));
  });
  if (taken) return null;
  server.unref();
  return { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
};
