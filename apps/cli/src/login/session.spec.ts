import { expect, it } from '@jest/globals';
import { Terminal } from '../output/terminal.js';
import type { CredentialsFile } from './credentials.js';
import { Session } from './session.js';

const file = { read: () => ({ url: 'https://where.a.login.went' }) } as CredentialsFile;
const urlOf = (named: string | null, apiKey: string | null): string =>
  new Session(file, new Terminal(null), named, apiKey).url;

it('a key goes to the address that is named, else to the default, never to where a login went', () => {
  expect(urlOf(null, null)).toBe('https://where.a.login.went');
  expect(urlOf(null, 'st_live_x')).toBe('http://127.0.0.1:8000');
  expect(urlOf('https://named', 'st_live_x')).toBe('https://named');
});

it('beside a key nobody signs in or out', async () => {
  const session = new Session(file, new Terminal(null), null, 'st_live_x');
  await expect(session.login('a@example.org', 'pw')).rejects.toThrow('unset it first');
  await expect(session.logout()).rejects.toThrow('unset it first');
});
