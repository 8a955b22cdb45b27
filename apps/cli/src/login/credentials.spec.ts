import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Credentials, CredentialsFile } from './credentials.js';

const credentials: Credentials = {
  url: 'http://127.0.0.1:8000',
  email: 'ann@example.org',
  access_token: 'secret',
  expires_at: '2026-01-01T00:00:00.000Z',
  refresh_token: 'secret too',
};
let folder: string;
let file: CredentialsFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spectrace-login-'));
  file = new CredentialsFile(join(folder, 'config', 'credentials.json'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

it('what was written is read again, by its owner alone, and nothing else is left', () => {
  file.write(credentials);
  expect(file.read()).toEqual(credentials);
  expect(modeOf(file.path)).toBe(0o600);
  expect(modeOf(dirname(file.path))).toBe(0o700);
  expect(readdirSync(dirname(file.path))).toEqual(['credentials.json']);
});

it('a file that everybody could read is closed by the next login', () => {
  file.write(credentials);
  chmodSync(file.path, 0o644);
  file.write({ ...credentials, access_token: 'newer' });
  expect(modeOf(file.path)).toBe(0o600);
  expect(file.read()!.access_token).toBe('newer');
});

it.each(['', '{', '[]', 'null', '{"url":"http://x"}', '{"url":1,"email":"a","access_token":"b","expires_at":"c"}'])(
  'a file with %j is no login',
  (content) => {
    file.write(credentials);
    writeFileSync(file.path, content);
    expect(file.read()).toBeNull();
  },
);

it('a login without a refresh token is one', () => {
  file.write({ ...credentials, refresh_token: null });
  expect(file.read()).toEqual({ ...credentials, refresh_token: null });
  writeFileSync(file.path, JSON.stringify({ ...credentials, refresh_token: undefined }));
  expect(file.read()).toEqual({ ...credentials, refresh_token: null });
});

it('what was removed is gone, and may be removed again', () => {
  file.write(credentials);
  for (const _ of [1, 2]) file.remove();
  expect(file.read()).toBeNull();
});

it('no file is no login', () => {
  expect(file.read()).toBeNull();
});
