import { homedir } from 'node:os';
import { join } from 'node:path';
import { InvalidUse } from './output/use.errors.js';

/** The CLI's settings. */
export interface CliEnv {
  /** Where SpecTrace answers; null: where the last login went. */
  url: string | null;
  /** Acts in place of a login; null: none. */
  apiKey: string | null;
  /** Where the login is kept. */
  credentialsFile: string;
  /** What relative paths are relative to: npm runs scripts in the root of the package, not where it was called. */
  folder: string;
  /** Columns of the terminal; null: as wide as the text. */
  width: number | null;
}

/**
 * @param columns what the terminal says; 0 from one that does not know
 * @throws InvalidUse
 */
export const cliEnv = (source: NodeJS.ProcessEnv, cwd: string, columns: number | undefined): CliEnv => {
  const width = Number(source['COLUMNS']);
  return {
    url: source['SPECTRACE_URL'] ? baseUrl(source['SPECTRACE_URL'], 'SPECTRACE_URL') : null,
    apiKey: source['SPECTRACE_API_KEY'] ? keyText(source['SPECTRACE_API_KEY']) : null,
    credentialsFile: source['SPECTRACE_CONFIG'] || join(homedir(), '.config', 'spectrace', 'credentials.json'),
    folder: source['INIT_CWD'] || cwd,
    width: columns || (Number.isInteger(width) && width > 0 ? width : null),
  };
};

/** What can be sent as a header; whether it is a key, the server says. */
const keyText = (text: string): string => {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new InvalidUse('SPECTRACE_API_KEY is no API key.');
  return text;
};

/**
 * An address as everything below takes it: without a slash at the end.
 * @throws InvalidUse
 */
export const baseUrl = (text: string, name: string): string => {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.search || url.hash) {
    throw new InvalidUse(`${name} must be an address like http://127.0.0.1:8000, and "${text}" is none.`);
  }
  return url.href.replace(/\/+$/, '');
};
