import { describe, expect, it } from '@jest/globals';
import { homedir } from 'node:os';
import { baseUrl, cliEnv } from './env.js';

describe('settings', () => {
  it('have defaults', () => {
    expect(cliEnv({}, '/work', undefined)).toEqual({
      url: null,
      apiKey: null,
      credentialsFile: `${homedir()}/.config/spectrace/credentials.json`,
      folder: '/work',
      width: null,
    });
  });

  it('are read', () => {
    const key = { SPECTRACE_API_KEY: 'st_live_a_b_c' };
    const source = {
      ...key,
      SPECTRACE_URL: 'https://a.example/',
      SPECTRACE_CONFIG: '/c',
      INIT_CWD: '/here',
      COLUMNS: '90',
    };
    const expected = { url: 'https://a.example', apiKey: 'st_live_a_b_c', credentialsFile: '/c', folder: '/here' };
    expect(cliEnv(source, '/work', undefined)).toEqual({ ...expected, width: 90 });
    expect(cliEnv(source, '/work', 0)).toEqual({ ...expected, width: 90 });
    expect(cliEnv(source, '/work', 120)).toEqual({ ...expected, width: 120 });
  });
});

it('a key that no header can hold is none', () => {
  expect(() => cliEnv({ SPECTRACE_API_KEY: 'st_live\nx' }, '/work', undefined)).toThrow(
    /SPECTRACE_API_KEY is no API key/,
  );
});

describe('an address', () => {
  it.each([
    ['http://127.0.0.1:8000', 'http://127.0.0.1:8000'],
    ['http://127.0.0.1:8000/', 'http://127.0.0.1:8000'],
    ['https://example.org/spectrace/', 'https://example.org/spectrace'],
  ])('%s', (text, url) => {
    expect(baseUrl(text, '--url')).toBe(url);
  });

  it.each(['', 'localhost', 'localhost:8000', 'ftp://x', 'http://ann:pw@x', 'http://x?a=1', 'http://x#a'])(
    '%j is none',
    (text) => {
      expect(() => baseUrl(text, '--url')).toThrow(/--url must be an address/);
    },
  );
});
