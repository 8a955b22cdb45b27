import { AppError } from '#kernel';
import type { Env } from '../env.js';

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

export interface OidcSettings {
  issuer: URL;
  clientId: string;
  /** Empty: a public client. */
  clientSecret: string;
  /** Of `GET /api/auth/oidc/callback`, as the browser sees it. */
  redirectUri: string;
  /** What people read on the button. */
  name: string;
  /** Whose people join `team` by themselves, in lower case. */
  domains: string[];
  team: string;
}

const refused = (message: string): AppError => new AppError('settings.invalid', message);

/** Only over TLS, but for a provider on this very machine. */
const urlOf = (setting: string, text: string): URL => {
  const url = URL.parse(text);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))) return url;
  throw refused(`${setting} must be an https URL.`);
};

/**
 * Null when nobody signs in by OpenID Connect.
 * @throws AppError `settings.invalid`
 */
export const oidcSettings = (env: Env): OidcSettings | null => {
  if (env.OIDC_ISSUER === '') return null;
  const issuer = urlOf('OIDC_ISSUER', env.OIDC_ISSUER);
  if (env.OIDC_CLIENT_ID === '') throw refused('OIDC_ISSUER needs OIDC_CLIENT_ID too.');
  const domains = env.OIDC_ALLOWED_DOMAINS.map((domain) => domain.toLowerCase());
  if (domains.length > 0 && env.OIDC_TEAM === '') {
    throw refused('OIDC_ALLOWED_DOMAINS needs OIDC_TEAM: the team its people join.');
  }
  return {
    issuer,
    clientId: env.OIDC_CLIENT_ID,
    clientSecret: env.OIDC_CLIENT_SECRET,
    redirectUri: urlOf('OIDC_REDIRECT_URI', env.OIDC_REDIRECT_URI).href,
    name: env.OIDC_NAME || issuer.hostname,
    domains,
    team: env.OIDC_TEAM,
  };
};
