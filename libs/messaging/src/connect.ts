import { FACTS_API, inboxPrefixOf, JETSTREAM_API, type NatsIdentity } from '#contracts';
import { AppError } from '#kernel';
import { connect, type ConnectionOptions, errors, type NatsConnection } from '@nats-io/transport-node';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import { natsKeyOf } from './nats-keys.js';
import { Refusals } from './refusals.js';

/** Where a NATS server is and how it is known. */
export interface NatsPlace {
  /** `nats://` or `tls://`; with a user and a password they are used instead of a key. */
  natsUrl: string;
  /** File with the certificates (PEM) to trust instead of the system's; given, nothing but TLS is spoken. */
  natsCa?: string;
  /** The data folder: keys. */
  home: string;
}

interface Known {
  refusals: Refusals;
  api: string;
}

const known = new WeakMap<NatsConnection, Known>();

/** How JetStream's API is called on this connection. */
export const apiOf = (connection: NatsConnection): string => known.get(connection)?.api ?? JETSTREAM_API;

/**
 * Connects as this identity, for good: a lost server is looked for until it is back. What the server refuses is logged.
 * @throws AppError `nats.key_missing`, `nats.refused`, `nats.untrusted`, `settings.invalid`
 */
export const connectNats = async (place: NatsPlace, identity: NatsIdentity): Promise<NatsConnection> => {
  const url = new URL(place.natsUrl);
  const connection = await connect({
    servers: url.host,
    ...credentialsOf(url, place.home, identity),
    tls: tlsOf(url, place.natsCa),
    name: identity,
    inboxPrefix: inboxPrefixOf(identity),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    ignoreAuthErrorAbort: true,
  }).catch((error: Error) => {
    throw sentenced(error, url, identity);
  });
  // A server that asks nobody who they are has one account for everything.
  const hasAccounts = url.username === '' && connection.info?.auth_required === true;
  const refusals = new Refusals(identity);
  known.set(connection, { refusals, api: hasAccounts ? FACTS_API : JETSTREAM_API });
  void follow(connection, refusals);
  return connection;
};

/**
 * Resolves once the server has taken every subscription there is.
 * @throws AppError `nats.forbidden` naming one it refused: whoever goes on would wait for messages that never come
 */
export const assertSubscribed = async (connection: NatsConnection): Promise<void> => {
  await connection.flush();
  await new Promise(setImmediate); // refusals came before the server's answer, and are read now
  const subject = known.get(connection)?.refusals.subscription;
  if (subject === undefined) return;
  throw new AppError(
    'nats.forbidden',
    `The NATS server does not allow the subscription to ${subject}: its permissions are of another version. Print them with \`npm run -s nats-permissions\` and reload the server.`,
  );
};

const follow = async (connection: NatsConnection, refusals: Refusals): Promise<void> => {
  for await (const status of connection.status()) {
    if (status.type === 'error' && status.error instanceof errors.PermissionViolationError) {
      refusals.saw(status.error);
    }
  }
};

const credentialsOf = (url: URL, home: string, identity: NatsIdentity): Partial<ConnectionOptions> => {
  if (url.username !== '') return { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  return { authenticator: natsKeyOf(home, identity).authenticator };
};

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** The name in the URL is checked, also when it is an address: the client library would look for `localhost` then. */
const tlsOf = (url: URL, caFile?: string): ConnectionOptions['tls'] => {
  if (url.protocol !== 'tls:' && !caFile) return undefined;
  const host = hostOf(url);
  const options: ConnectionOptions['tls'] & Pick<TlsConnectionOptions, 'checkServerIdentity'> = {
    ...(caFile && { ca: readCa(caFile) }),
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
  };
  return options;
};

const readCa = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('settings.invalid', `Settings to correct: NATS_CA: ${file} cannot be read.`, { cause });
  }
};

/** OpenSSL's and Node's words for a certificate that does not do. */
const UNTRUSTED = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_)/;

const sentenced = (error: Error & { code?: string }, url: URL, identity: NatsIdentity): Error => {
  const { cause } = error;
  if (error instanceof errors.AuthorizationError || cause instanceof errors.AuthorizationError) {
    const remedy = url.username
      ? 'are user and password in NATS_URL right?'
      : 'put what `npm run -s nats-permissions` prints into its configuration, and reload it.';
    return new AppError('nats.refused', `The NATS server at ${url.host} does not let ${identity} in: ${remedy}`, {
      cause: error,
    });
  }
  const code = error.code ?? (cause as { code?: string } | undefined)?.code ?? '';
  if (!UNTRUSTED.test(code) && !/does not support 'tls'/.test(error.message)) return error;
  const hint = isIP(hostOf(url)) ? ', or does its certificate lack this address' : '';
  return new AppError(
    'nats.untrusted',
    `The NATS server at ${url.host} cannot be trusted (${error.message}): is NATS_CA the file of who signed its certificate${hint}?`,
    { cause: error },
  );
};
