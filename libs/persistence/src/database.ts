import { AppError, isUuid, runInTransaction } from '#kernel';
import { inSpan, TrackedGauge } from '#telemetry';
import type { Pool } from 'pg';
import { DataSource, type EntityManager, type EntitySchema, type MixedList } from 'typeorm';
import { type SlowStatement, watchedClient } from './statement.js';

/** A transaction in which exactly one team's rows exist. */
export type Tx = EntityManager;

export interface DatabaseOptions {
  /** The service: schema, login role and `<service>_all` role carry its name, hyphens as underscores. */
  service: string;
  /** URL of the login role `<service>`. */
  url: string;
  entities: MixedList<Function | EntitySchema>;
  poolSize?: number;
  /** Told of every statement that took 100 ms or longer, once. */
  onSlow?: (slow: SlowStatement) => void;
}

const connections = new TrackedGauge(
  'spectrace_database_pool_connections',
  'Connections of the pool that are used and idle, and callers that wait for one.',
  ['service', 'state'],
);

export const roleOf = (service: string): string => service.replaceAll('-', '_');

/** A service's only way to its rows. */
export class Database {
  readonly role: string;
  private readonly untrack: () => void;

  private constructor(
    private readonly source: DataSource,
    readonly service: string,
  ) {
    this.role = roleOf(service);
    const { master: pool } = source.driver as unknown as { master: Pool };
    this.untrack = connections.track(() => [
      { labels: { service, state: 'used' }, value: pool.totalCount - pool.idleCount },
      { labels: { service, state: 'idle' }, value: pool.idleCount },
      { labels: { service, state: 'waiting' }, value: pool.waitingCount },
    ]);
  }

  static async open(options: DatabaseOptions): Promise<Database> {
    const source = new DataSource({
      type: 'postgres',
      url: options.url,
      entities: options.entities,
      poolSize: options.poolSize ?? 4,
      installExtensions: false,
      applicationName: options.service,
      extra: {
        idleTimeoutMillis: 10_000,
        Client: watchedClient(options.service, options.onSlow ?? (() => undefined)),
      },
    });
    await source.initialize();
    return new Database(source, options.service);
  }

  /**
   * One transaction that sees and writes only the rows of `ctx.team`; row-level security stands behind it.
   * Bus calls, HTTP and file I/O inside throw.
   */
  async inTeam<T>(ctx: { team: string; trace?: string }, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!isUuid(ctx.team)) throw new AppError('team.invalid', 'The team is not a UUID.');
    return this.transaction(`SET LOCAL spectrace.team = '${ctx.team}'`, work, ctx.trace);
  }

  /**
   * One transaction over all teams, for relays, consumers and workers alone; it should return ids, the work itself
   * runs in a team. `reason` is for the reader of the call.
   */
  async acrossTeams<T>(_reason: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.transaction(`SET LOCAL ROLE "${this.role}_all"`, work);
  }

  private transaction<T>(scope: string, work: (tx: Tx) => Promise<T>, within?: string): Promise<T> {
    return inSpan({ service: this.service, name: 'transaction', within }, () =>
      runInTransaction((inside) =>
        this.source.transaction(async (tx) => {
          await tx.query(scope);
          return inside(() => work(tx));
        }),
      ),
    );
  }

  async ping(): Promise<void> {
    await this.source.query('SELECT 1');
  }

  async close(): Promise<void> {
    this.untrack();
    await this.source.destroy();
  }
}
