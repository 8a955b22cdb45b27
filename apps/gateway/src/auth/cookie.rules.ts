import type { Carrier } from './session.rules.js';

const SESSION = 'spectrace_session';
const CSRF = 'spectrace_csrf';
/** A browser takes a cookie of this name over TLS alone, from this very host alone (RFC 6265bis). */
const HOST_PREFIX = '__Host-';

const nameOf = (name: string, secure: boolean): string => (secure ? `${HOST_PREFIX}${name}` : name);

const valuesOf = (header: string, name: string): string[] =>
  header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));

/**
 * The session's token among a request's cookies; null when there is none. Over TLS only the name that no other host can
 * set counts. Two of one name: somebody else set one of them, so neither does (`text` is empty).
 */
export const sessionCookieOf = (header: string, secure: boolean): { text: string; carrier: Carrier } | null => {
  const named = (prefixed: boolean): string[] => valuesOf(header, nameOf(SESSION, prefixed));
  const carrier = secure || named(true).length > 0 ? 'host_cookie' : 'cookie';
  const [text, ...others] = named(carrier === 'host_cookie');
  if (text === undefined) return null;
  return { text: others.length > 0 ? '' : text, carrier };
};

/** `Set-Cookie` of a session: its token for the browser alone, its CSRF token for the page too. */
export const sessionCookies = (
  { token, csrf, maxAgeS }: { token: string; csrf: string; maxAgeS: number },
  secure: boolean,
): string[] => {
  const rest = `Path=/; Max-Age=${maxAgeS}; SameSite=Strict${secure ? '; Secure' : ''}`;
  return [`${nameOf(SESSION, secure)}=${token}; ${rest}; HttpOnly`, `${nameOf(CSRF, secure)}=${csrf}; ${rest}`];
};

/** `Set-Cookie` that forgets both. */
export const clearedCookies = (secure: boolean): string[] =>
  sessionCookies({ token: '', csrf: '', maxAgeS: 0 }, secure);
