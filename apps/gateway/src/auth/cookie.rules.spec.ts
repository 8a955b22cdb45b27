import { describe, expect, it } from '@jest/globals';
import { clearedCookies, sessionCookieOf, sessionCookies } from './cookie.rules.js';

describe('the session among the cookies', () => {
  it.each<[string, boolean, ReturnType<typeof sessionCookieOf>]>([
    ['', false, null],
    ['theme=dark; spectrace_csrf=c', false, null],
    ['spectrace_session=a', false, { text: 'a', carrier: 'cookie' }],
    ['theme=dark;spectrace_session=a=b ; x=y', false, { text: 'a=b', carrier: 'cookie' }],
    ['xspectrace_session=a', false, null],
    ['Spectrace_Session=a', false, null],
    ['spectrace_session=a; spectrace_session=b', false, { text: '', carrier: 'cookie' }],
    ['spectrace_session=a', true, null],
    ['__Host-spectrace_session=a', true, { text: 'a', carrier: 'host_cookie' }],
    ['spectrace_session=b; __Host-spectrace_session=a', true, { text: 'a', carrier: 'host_cookie' }],
    ['spectrace_session=b; __Host-spectrace_session=a', false, { text: 'a', carrier: 'host_cookie' }],
  ])('%j, over TLS: %s', (header, secure, found) => {
    expect(sessionCookieOf(header, secure)).toEqual(found);
  });
});

describe('cookies that are set', () => {
  it.each([true, false])('are found again over TLS: %s, and forgotten under the same names', (secure) => {
    const set = sessionCookies({ token: 't', csrf: 'c', maxAgeS: 5 }, secure);
    const header = set.map((line) => line.split(';', 1)[0]).join('; ');
    expect(sessionCookieOf(header, secure)?.text).toBe('t');
    const nameIn = (line: string): string => line.split('=', 1)[0]!;
    expect(clearedCookies(secure).map(nameIn)).toEqual(set.map(nameIn));
    for (const line of set) {
      expect(line).toContain('; Path=/; Max-Age=5; SameSite=Strict');
      expect([line.includes('; Secure'), line.startsWith('__Host-')]).toEqual([secure, secure]);
      expect(line).not.toContain('Domain');
    }
    expect(set.map((line) => line.includes('HttpOnly'))).toEqual([true, false]);
  });
});
