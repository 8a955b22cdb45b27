import { fork } from 'node:child_process';

/** A file of this folder as a process of its own, given its argument; ends with us. */
export const child = (file, given) => fork(new URL(file, import.meta.url), [JSON.stringify(given)]);

/** The next message of a child; rejects when it failed or ended. */
export const message = (process) =>
  new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`a child ended with ${code}`));
    process.once('exit', ended).once('message', (said) => {
      process.off('exit', ended);
      if (said.failed) reject(new Error(said.failed));
      else resolve(said);
    });
  });

export const ask = (process, task) => {
  const answer = message(process);
  process.send(task);
  return answer;
};
