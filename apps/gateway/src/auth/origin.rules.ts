/** Where a request comes from, in the words of a browser; other programs say nothing. */
export interface Provenance {
  origin?: string;
  /** `Sec-Fetch-Site`. */
  site?: string;
  /** Ours, with port. */
  host?: string;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

export const isSafe = (method: string): boolean => SAFE.has(method);

/** False for what a page of somebody else sent. The scheme is not compared: a proxy that is not trusted may end TLS. */
export const isOurs = ({ origin, site, host }: Provenance, allowed: readonly string[]): boolean => {
  if (origin === undefined) return site !== 'cross-site' && site !== 'same-site';
  if (allowed.includes(origin)) return true;
  const [, named] = /^https?:\/\/([^/]+)$/.exec(origin) ?? [];
  return named !== undefined && named === host?.toLowerCase();
};

const TOKEN_NAMES = new Set([
  'token',
  'access_token',
  'refresh_token',
  'authorization',
  'api_key',
  'apikey',
  'x-api-key',
  'jwt',
  'ticket',
]);

/** True for a query parameter that would hold something secret. */
export const namesToken = (parameter: string): boolean => TOKEN_NAMES.has(parameter.toLowerCase());
