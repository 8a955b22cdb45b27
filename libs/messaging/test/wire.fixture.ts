import {
  catalogues,
  type Live,
  graph,
  NATS_IDENTITIES,
  type NatsIdentity,
  type Rpc,
  rpcSubject,
  type ServiceName,
  SERVICES,
  serviceReady,
} from '#contracts';
import { type EmbeddedNats, startNats } from '#embedded';
import { connectNats, natsAccountsOf, type NatsPlace, prepareStream } from '#messaging';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a service is asked by others, the same from the catalogues alone. */
export const questionsOf = (service: ServiceName): Rpc<object, object>[] => [
  ...Object.values(catalogues[service]).flatMap((questions) => Object.values(questions)),
  serviceReady(service),
];
export const questionSubjects = (service: ServiceName): string[] => questionsOf(service).map(rpcSubject);

export const views: Live<object>[] = [...new Set(SERVICES.flatMap((service) => graph[service].watches))].filter(
  (seen): seen is Live<object> => seen.kind === 'live',
);

/** A NATS server with the keys and permissions of production and nothing else, and a connection of each identity. */
export class Wire {
  private constructor(
    readonly place: NatsPlace,
    readonly manager: JetStreamManager,
    private readonly server: EmbeddedNats,
    private readonly connections: Map<NatsIdentity, NatsConnection>,
  ) {}

  static async open(): Promise<Wire> {
    const home = mkdtempSync(join(tmpdir(), 'spectrace-wire-'));
    const server = await startNats({ storeDir: join(home, 'nats'), access: natsAccountsOf(home) });
    const place = { natsUrl: server.url, home };
    const connections = await Promise.all(
      NATS_IDENTITIES.map(async (identity) => [identity, await connectNats(place, identity)] as const),
    );
    const byIdentity = new Map(connections);
    await prepareStream(byIdentity.get('bootstrap')!);
    return new Wire(place, await jetstreamManager(byIdentity.get('bootstrap')!), server, byIdentity);
  }

  as(identity: NatsIdentity): NatsConnection {
    return this.connections.get(identity)!;
  }

  async close(): Promise<void> {
    for (const connection of this.connections.values()) await connection.close();
    await this.server.stop();
    rmSync(this.place.home, { recursive: true, force: true });
  }
}

/** One thing to try, and whether the graph allows it. */
export interface Attempt {
  verb: 'publish' | 'subscription';
  subject: string;
  allowed: boolean;
}

/** Tries everything; what the server refused, as `<verb> <subject>`. */
export const refusedOf = async (connection: NatsConnection, attempts: Attempt[]): Promise<Set<string>> => {
  const refused = new Set<string>();
  const status = connection.status();
  const following = (async () => {
    for await (const said of status) {
      if (said.type !== 'error' || !(said.error instanceof errors.PermissionViolationError)) continue;
      refused.add(`${said.error.operation} ${said.error.subject}`);
    }
  })();
  const ignored = { callback: () => undefined };
  for (const { verb, subject } of attempts) {
    // An empty message would end a batch that another service is being given.
    if (verb === 'publish') connection.publish(subject, '?');
    else {
      const subscriptions = [ignored, { ...ignored, queue: 'somebody' }].map((how) =>
        connection.subscribe(subject, how),
      );
      await connection.flush();
      for (const subscription of subscriptions) subscription.unsubscribe();
    }
  }
  await connection.flush();
  await new Promise(setImmediate);
  (status as unknown as { stop(): void }).stop();
  await following;
  return refused;
};
