import { readEnv } from '#service';
import { makeValidator, str } from 'envalid';

const MAX_PORT = 65_535;

const portNumber = makeValidator<number>((text) => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > MAX_PORT) throw new Error('not a port');
  return port;
});

const split = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** Per minute, or at a time. */
const bound = makeValidator<number>((text) => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error('not a number from 1');
  return Number(text);
});

const environment = makeValidator<string>((text) => {
  if (!/^[a-z][a-z0-9]{0,15}$/.test(text)) throw new Error('not 1 to 16 lower-case letters and digits');
  return text;
});

const list = makeValidator<string[]>(split);

const origins = makeValidator<string[]>((text) => {
  const found = split(text);
  if (found.some((origin) => new URL(origin).origin !== origin)) throw new Error('not an origin');
  return found;
});

export const gatewaySettings = {
  PORT: portNumber({ default: 8000, desc: 'TCP port of the public HTTP surface, 0..65535; 0 picks a free one' }),
  HOST: str({ default: '127.0.0.1', desc: 'address to listen on' }),
  CORS_ORIGINS: origins({
    default: [],
    desc: 'origins that browsers may call from, separated by ",", each like https://console.example.org',
  }),
  TLS_CERT: str({ default: '', desc: 'file with the certificate chain (PEM); together with TLS_KEY' }),
  TLS_KEY: str({ default: '', desc: 'file with the private key (PEM); together with TLS_CERT' }),
  TRUST_PROXY: list({
    default: [],
    desc: 'addresses or CIDR ranges of proxies whose X-Forwarded-* headers are believed, separated by ","',
  }),
  SPECTRACE_ENV: environment({
    default: 'live',
    desc: 'names the installation in its API keys, `st_<env>_…`; a key of another one is refused',
  }),
  RATE_LIMIT_KEY: bound({ default: 60, desc: 'requests a minute by one API key, in each process' }),
  RATE_LIMIT_SESSION: bound({ default: 600, desc: 'requests a minute in one session, in each process' }),
  RATE_LIMIT_NEW_KEYS: bound({ default: 5, desc: 'API keys a person may ask for in a minute, in each process' }),
  MAX_CONNECTIONS_PER_CLIENT: bound({
    default: 1_000,
    desc: 'open TCP connections of one IPv4 address or IPv6 /64 in each process; proxies in TRUST_PROXY are not counted',
  }),
  OIDC_ISSUER: str({ default: '', desc: 'issuer URL of the OpenID Connect provider that people may sign in by' }),
  OIDC_CLIENT_ID: str({ default: '', desc: 'our client id at that provider' }),
  OIDC_CLIENT_SECRET: str({ default: '', desc: 'our client secret there; empty: a public client' }),
  OIDC_REDIRECT_URI: str({
    default: '',
    desc: 'https://<this host>/api/auth/oidc/callback, as browsers reach it and as registered at the provider',
  }),
  OIDC_NAME: str({ default: '', desc: 'what the login page calls the provider; default its host' }),
  OIDC_ALLOWED_DOMAINS: list({
    default: [],
    desc: 'e-mail domains whose people come in without being added, as viewers of OIDC_TEAM, separated by ","',
  }),
  OIDC_TEAM: str({ default: '', desc: 'name of the team that people of OIDC_ALLOWED_DOMAINS join' }),
  SPECTRACE_ADMIN_EMAIL: str({ default: '', desc: 'e-mail address of the first admin' }),
  SPECTRACE_ADMIN_PASSWORD: str({ default: '', desc: 'password of the first admin, at least 8 characters' }),
};

/** The gateway's settings, as a plain object. */
export const gatewayEnv = (source: NodeJS.ProcessEnv) => ({ ...readEnv(source, gatewaySettings) });

export type Env = ReturnType<typeof gatewayEnv>;
