import { isAppError } from '#kernel';
import { openTelemetry, type RunningService, type ServiceDefinition, startService } from '#service';
import { executor } from '../../executor/src/definition.js';
import { gateway } from '../../gateway/src/definition.js';
import { governance } from '../../governance/src/definition.js';
import { prediction } from '../../prediction/src/definition.js';
import type { SuiteEnv } from './env.js';
import type { Folders } from './home.js';
import { prepareServers, type Servers, startServers } from './servers.js';

/** In the order of who is asked: nobody starts before those it asks. */
export const DEFINITIONS = [prediction, governance, executor, gateway] as unknown as ServiceDefinition<never>[];

export interface Suite {
  servers: Servers;
  gateway: RunningService;
  /** Services first, the newest first; then PostgreSQL and NATS. */
  stop(): Promise<void>;
}

/** Every service in this process, on embedded PostgreSQL and NATS unless the settings name others. */
export const startSuite = async (env: SuiteEnv, folders: Folders, source: NodeJS.ProcessEnv): Promise<Suite> => {
  const endTelemetry = await openTelemetry(source);
  const servers = await startServers(env, folders.home);
  const running: RunningService[] = [];
  const stop = async (): Promise<void> => {
    for (const service of running.toReversed()) await service.close();
    await servers.stop();
    await endTelemetry();
  };
  try {
    await prepareServers(servers.platform, DEFINITIONS);
    for (const definition of DEFINITIONS) {
      running.push(await startService(definition as unknown as ServiceDefinition, servers.platform, source));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, gateway: running.at(-1)!, stop };
};

interface SystemError extends Error {
  code?: string;
  path?: string;
  address?: string;
  port?: number;
}

/** OpenSSL's and Node's words for a certificate that does not do. */
const UNTRUSTED = /^(ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

/** What went wrong, for people; a stack only where it is our own bug. */
export const sentenceOf = (error: unknown): string => {
  if (isAppError(error)) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, path, address, port, message, stack } = error as SystemError;
  if (code === 'ECONNREFUSED') return `Nothing answers at ${address}:${port}: are DATABASE_URL and NATS_URL right?`;
  if (code === 'EACCES' || code === 'EROFS') return `${path} cannot be written: choose another SPECTRACE_HOME.`;
  if (code && UNTRUSTED.test(code)) {
    return `The database server cannot be trusted (${message}): is sslrootcert in DATABASE_URL the file of who signed its certificate?`;
  }
  return code === '28P01' ? `The database refused the login of DATABASE_URL: ${message}.` : (stack ?? message);
};
