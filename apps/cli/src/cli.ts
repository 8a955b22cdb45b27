import type { Session } from './login/session.js';
import type { Terminal } from './output/terminal.js';

/** What every command works with. */
export interface Cli {
  terminal: Terminal;
  session: Session;
  /** Answers are for programs. */
  json: boolean;
  /** What relative paths are relative to. */
  folder: string;
}

/** A command's work, given its arguments and options; its answer is the exit code. */
export type Work<A extends unknown[]> = (cli: Cli, ...args: A) => Promise<number>;

/** Makes a command's work what commander calls. */
export type Perform = <A extends unknown[]>(work: Work<A>) => (...args: A) => Promise<void>;
