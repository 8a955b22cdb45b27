import { type CallContext, governance } from '#contracts';
import { FACTS_STREAM, Relay } from '#messaging';
import { Database, FactLog, FactSignal } from '#persistence';
import { connectNats, databaseUrlOf } from '#service';
import { callContext, openTestPlatform, type TestPlatform } from '#testing';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

export const SUBJECT = `fact.${governance.approvalDecided.subject}`;
const DEFINITIONS = [
  { name: 'governance', migrations: [] },
  { name: 'executor', migrations: [] },
] as const;

export const decidedBody = (approval_id: string): governance.ApprovalDecided => ({
  approval_id,
  execution_id: approval_id,
  step: 1,
  index: 0,
  status: 'approved',
  by: [],
  reason: null,
});

/** A publisher's rows, relays on them, and what lies on the stream. */
export class Publisher {
  readonly ctx: CallContext = callContext();
  readonly errors: unknown[] = [];
  readonly signal = new FactSignal();
  private readonly relays: Relay[] = [];

  private constructor(
    readonly platform: TestPlatform,
    readonly connection: NatsConnection,
    readonly database: Database,
    /** Who made the stream, and may do anything to it. */
    readonly bootstrap: NatsConnection,
    readonly manager: JetStreamManager,
  ) {}

  static async open(): Promise<Publisher> {
    const platform = await openTestPlatform(DEFINITIONS as never);
    const connection = await connectNats(platform, 'governance');
    const database = await Database.open({
      service: 'governance',
      url: databaseUrlOf(platform, 'governance'),
      entities: [],
    });
    const bootstrap = await connectNats(platform, 'bootstrap');
    return new Publisher(platform, connection, database, bootstrap, await jetstreamManager(bootstrap));
  }

  async close(): Promise<void> {
    for (const relay of this.relays) await relay.stop();
    await this.database.close();
    await this.connection.close();
    await this.bootstrap.close();
    await this.platform.close();
  }

  /** Not started: a test calls `sweep`, or starts it. */
  relay(database: Database = this.database, connection: NatsConnection = this.connection): Relay {
    const relay = new Relay(connection, database, this.signal, (error) => this.errors.push(error));
    this.relays.push(relay);
    return relay;
  }

  /** A fact of each aggregate, in one transaction; returns their ids. */
  write(...aggregates: string[]): Promise<string[]> {
    return this.database.inTeam(this.ctx, async (tx) => {
      const ids = [];
      for (const aggregate_id of aggregates) {
        const [{ version }] = await tx.query(
          `SELECT count(*)::integer + 1 AS version FROM fact WHERE aggregate_id = $1`,
          [aggregate_id],
        );
        const entry = { aggregate_id, version: version as number, body: decidedBody(aggregate_id) };
        ids.push(await new FactLog(this.signal).append(tx, this.ctx, governance.approvalDecided, entry));
      }
      return ids;
    });
  }

  /** Ids of the facts on the stream, in its order. */
  async onStream(): Promise<string[]> {
    const { state } = await this.manager.streams.info(FACTS_STREAM);
    const ids = [];
    for (let seq = Math.max(state.first_seq, 1); seq <= state.last_seq; seq++) {
      const message = await this.manager.streams.getMessage(FACTS_STREAM, { seq });
      if (message?.subject === SUBJECT) ids.push(message.json<{ id: string }>().id);
    }
    return ids;
  }

  async unsent(): Promise<string[]> {
    const rows: { id: string }[] = await this.asAllTeams(
      `SELECT id FROM fact WHERE stream_seq IS NULL ORDER BY position`,
    );
    return rows.map(({ id }) => id);
  }

  asAllTeams<T>(sql: string, parameters: unknown[] = []): Promise<T> {
    return this.database.acrossTeams('a test looks', (tx) => tx.query(sql, parameters)) as Promise<T>;
  }
}
