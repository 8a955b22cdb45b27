import { Logger } from '@nestjs/common';
import { str } from 'envalid';
import { resolve } from 'node:path';
import { readEnv } from './env.js';
import { createLogger, NestLogger } from './logger.js';
import { type ServiceDefinition, startService } from './start-service.js';
import { openTelemetry } from './telemetry.js';

export const NATS_CA_MEANS =
  'file with the certificates (PEM) that vouch for the NATS server, which then must speak TLS';

/** Where a service that is a process of its own finds the platform. */
export const platformSettings = {
  DATABASE_URL: str({ desc: 'the URL of a database that is migrated' }),
  NATS_URL: str({ desc: 'the URL of the NATS server or cluster; tls:// demands TLS' }),
  NATS_CA: str({ default: '', desc: NATS_CA_MEANS }),
  SPECTRACE_HOME: str({ default: '.spectrace', desc: 'the data folder: keys, passwords, blobs' }),
};

/** Runs one service as a process of its own until SIGTERM or SIGINT; one that cannot start or drain ends with status 1. */
export const runService = async <E extends object>(
  definition: ServiceDefinition<E>,
  source: NodeJS.ProcessEnv = process.env,
): Promise<void> => {
  const logger = createLogger();
  Logger.overrideLogger(new NestLogger(logger));
  const failed = (error: unknown): void => {
    logger.fatal({ err: error, service: definition.name });
    process.exitCode = 1;
  };
  try {
    const env = readEnv(source, platformSettings);
    const { DATABASE_URL: databaseUrl, NATS_URL: natsUrl, NATS_CA: natsCa } = env;
    const platform = { databaseUrl, natsUrl, natsCa, home: resolve(env.SPECTRACE_HOME) };
    const endTelemetry = await openTelemetry(source);
    const service = await startService(definition, platform, source);
    logger.info({ service: definition.name }, 'ready');
    let closing: Promise<void> | undefined;
    const close = (): void => void (closing ??= service.close().catch(failed).then(endTelemetry));
    process.on('SIGTERM', close).on('SIGINT', close);
  } catch (error) {
    failed(error);
  }
};
