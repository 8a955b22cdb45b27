import type { ServiceName } from '#contracts';
import {
  assertSubscribed,
  Bus,
  BusServer,
  connectNats,
  ErrorFilter,
  FactControl,
  FactRetention,
  hearingsOf,
  Inbox,
  Relay,
} from '#messaging';
import { Database, FactLog, FactSignal } from '#persistence';
import { type DynamicModule, type INestApplicationContext, Logger, type Type } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, NestFactory } from '@nestjs/core';
import type { NatsConnection } from '@nats-io/transport-node';
import { asService } from './logger.js';
import { databaseUrlOf, type Platform } from './platform.js';
import { readyHandler } from './ready.rpc.js';

/** Injection token of the service's validated settings. */
export const ENV = Symbol('env');
/** Injection token of the Platform. */
export const PLATFORM = Symbol('platform');

export interface ServiceDefinition<E extends object = object> {
  name: ServiceName;
  module: Type<unknown>;
  entities: Function[];
  migrations: Function[];
  /** Reads and validates the service's settings; throws naming every wrong variable. */
  env: (source: NodeJS.ProcessEnv) => E;
  poolSize?: number;
  /** How the Nest application is made; absent: a microservice on the bus. */
  create?: (module: DynamicModule, env: E) => Promise<INestApplicationContext>;
}

export interface RunningService {
  name: ServiceName;
  app: INestApplicationContext;
  /** Drains: no new work, the work under way ends, facts go out, connections close. */
  close(): Promise<void>;
}

/** Starts one service on a platform that is up and migrated. */
export const startService = <E extends object>(
  definition: ServiceDefinition<E>,
  platform: Platform,
  source: NodeJS.ProcessEnv = process.env,
): Promise<RunningService> => asService(definition.name, () => start(definition, platform, source));

const slowStatements = new Logger('database');

const start = async <E extends object>(
  definition: ServiceDefinition<E>,
  platform: Platform,
  source: NodeJS.ProcessEnv,
): Promise<RunningService> => {
  const { name } = definition;
  const env = definition.env(source);
  await using opened = new AsyncDisposableStack();
  const connection = opened.adopt(await connectNats(platform, name), (open) => open.drain());
  const database = opened.adopt(
    await Database.open({
      service: name,
      url: databaseUrlOf(platform, name),
      entities: definition.entities,
      poolSize: definition.poolSize,
      onSlow: (slow) => slowStatements.warn({ ...slow, what: 'slow statement' }),
    }),
    (open) => open.close(),
  );
  const signal = new FactSignal();
  const module = rootModule(definition, { env, platform, connection, database, signal });
  const app = await (definition.create?.(module, env) ?? createMicroservice(name, module, connection));
  const log = new Logger(name);
  const failed = (what: string) => (error: unknown) => log.warn({ err: error, what });
  const relay = opened.adopt(new Relay(connection, database, signal, failed('relay')), (started) => started.stop());
  opened.defer(() => app.close());
  const inbox = opened.adopt(new Inbox(name, connection, database, consumersOf(app), failed('inbox')), (started) =>
    started.stop(),
  );
  const control = opened.adopt(new FactControl(name, connection, database), (started) => started.stop());
  const retention = opened.adopt(new FactRetention(database, failed('retention')), (started) => started.stop());
  for (const part of [relay, inbox, control, retention]) part.start();
  await assertSubscribed(connection);
  const running = opened.move(); // a service that could not start has closed what it had opened
  return { name, app, close: () => running.disposeAsync() };
};

const createMicroservice = async (
  name: ServiceName,
  module: DynamicModule,
  connection: NatsConnection,
): Promise<INestApplicationContext> => {
  const app = await NestFactory.createMicroservice(module, {
    strategy: new BusServer(connection, name),
    abortOnError: false,
  });
  app.useGlobalFilters(new ErrorFilter());
  await app.listen();
  await connection.flush(); // the server knows the subscriptions before anybody asks
  return app;
};

interface Parts {
  env: object;
  platform: Platform;
  connection: NatsConnection;
  database: Database;
  signal: FactSignal;
}

/** The one place where a service's own module meets what every service gets. */
const rootModule = <E extends object>(definition: ServiceDefinition<E>, parts: Parts): DynamicModule => {
  class ServiceModule {}
  return {
    module: ServiceModule,
    global: true,
    imports: [DiscoveryModule, definition.module],
    controllers: definition.create ? [] : [readyHandler(definition.name)],
    providers: [
      { provide: ENV, useValue: parts.env },
      { provide: PLATFORM, useValue: parts.platform },
      { provide: Database, useValue: parts.database },
      { provide: FactLog, useValue: new FactLog(parts.signal) },
      { provide: Bus, useValue: new Bus(parts.connection, definition.name) },
    ],
    exports: [ENV, PLATFORM, Database, FactLog, Bus],
  };
};

const consumersOf = (app: INestApplicationContext): object[] =>
  app
    .get(DiscoveryService)
    .getProviders()
    .map((wrapper) => wrapper.instance as object | null)
    .filter((instance): instance is object => typeof instance === 'object' && instance !== null)
    .filter((instance) => hearingsOf(instance).length > 0);
