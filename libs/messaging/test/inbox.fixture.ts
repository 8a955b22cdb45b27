import { type CallContext, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import { FACTS_STREAM, type Heard, Hears, Inbox } from '#messaging';
import { Database, type Tx } from '#persistence';
import { connectNats, databaseUrlOf } from '#service';
import { until } from '#testing';
import { type ConsumerInfo, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type FactRow, toFactMessage } from '../src/fact-message.js';
import { Publisher } from './relay.fixture.js';

type Act = (heard: Heard<governance.ApprovalDecided>, tx: Tx) => Promise<void> | void;

/** One process of the executor: its own connection, its own pool, its own consumer. */
export class Process {
  /** In the order of their effects. */
  readonly heard: Heard<governance.ApprovalDecided>[] = [];
  readonly errors: unknown[] = [];
  private readonly inbox: Inbox;

  private constructor(
    readonly connection: NatsConnection,
    readonly database: Database,
    everybody: Heard<governance.ApprovalDecided>[],
    act: Act,
    seen: Database,
  ) {
    const { heard } = this;
    class Consumer {
      @Hears(governance.approvalDecided)
      async decided(fact: Heard<governance.ApprovalDecided>, tx: Tx): Promise<void> {
        await tx.query(
          `INSERT INTO request (team_id, key, body_digest, response) VALUES ($1, $2, 'effect', '1')
           ON CONFLICT (team_id, key) DO UPDATE SET response = to_jsonb(request.response::text::integer + 1)`,
          [fact.team, fact.id],
        );
        await act(fact, tx);
        heard.push(fact);
        everybody.push(fact);
      }
    }
    this.inbox = new Inbox('executor', connection, seen, [new Consumer()], (error) => this.errors.push(error));
    this.inbox.start();
  }

  /** `through`: the database as the inbox sees it. */
  static async start(
    desk: Desk,
    act: Act = () => undefined,
    through = (database: Database): Database => database,
  ): Promise<Process> {
    const connection = await connectNats(desk.publisher.platform, 'executor');
    const database = await Database.open({
      service: 'executor',
      url: databaseUrlOf(desk.publisher.platform, 'executor'),
      entities: [],
    });
    const process = new Process(connection, database, desk.heard, act, through(database));
    desk.processes.push(process);
    return process;
  }

  async stop(): Promise<void> {
    await this.inbox.stop();
    await this.connection.close();
    await this.database.close();
  }
}

/** A publisher whose facts a test puts on the stream in whatever order, and the processes that hear them. */
export class Desk {
  readonly heard: Heard<governance.ApprovalDecided>[] = [];
  readonly processes: Process[] = [];

  private constructor(
    readonly publisher: Publisher,
    readonly operator: NatsConnection,
  ) {}

  static async open(): Promise<Desk> {
    const publisher = await Publisher.open();
    return new Desk(publisher, await connectNats(publisher.platform, 'operator'));
  }

  async close(): Promise<void> {
    for (const process of this.processes) await process.stop().catch(() => undefined);
    await this.operator.close();
    await this.publisher.close();
  }

  /** Facts of one aggregate, versions 1 to `count`; returns their ids. Nobody publishes them but the test. */
  async write(count: number, aggregate = uuidv7()): Promise<string[]> {
    const ids = [];
    for (let i = 0; i < count; i++) ids.push(...(await this.publisher.write(aggregate)));
    return ids;
  }

  /** Puts the facts on the stream as a relay would, but in this order and never as duplicates. */
  async publish(...ids: string[]): Promise<void> {
    const rows = await this.publisher.asAllTeams<FactRow[]>(`SELECT * FROM fact WHERE id = ANY($1)`, [ids]);
    const stream = jetstream(this.publisher.connection);
    for (const id of ids) {
      const { subject, data, headers } = toFactMessage(rows.find((row) => row.id === id)!);
      await stream.publish(subject, data, { headers, msgID: uuidv7() });
    }
  }

  /** The versions of the facts that acted, of these, in the order of their effects. */
  versions(ids: string[]): number[] {
    return this.heard.filter(({ id }) => ids.includes(id)).map(({ version }) => version);
  }

  async allActed(ids: string[], deadlineMs?: number): Promise<void> {
    await until('all have acted', () => ids.every((id) => this.heard.some((one) => one.id === id)), deadlineMs);
  }

  /** How often each fact's effect is in the database. */
  async effects(ids: string[]): Promise<number[]> {
    const rows = await this.asExecutor<{ key: string; response: number }[]>(`SELECT key, response FROM request`);
    return ids.map((id) => rows.find(({ key }) => key === id)?.response ?? 0);
  }

  consumer(): Promise<ConsumerInfo> {
    return this.publisher.manager.consumers.info(FACTS_STREAM, 'executor');
  }

  /** So many processes share the stream: the server serves them in turn. */
  async listening(count: number): Promise<void> {
    await until('they listen', async () => (await this.consumer()).num_waiting === count);
  }

  /** Every message was acknowledged. */
  async nothingPending(): Promise<void> {
    await until('everything is acknowledged', async () => {
      const { num_pending, num_ack_pending } = await this.consumer();
      return num_pending + num_ack_pending === 0;
    });
  }

  asExecutor<T>(sql: string, parameters: unknown[] = []): Promise<T> {
    const { database } = this.processes[0]!;
    return database.acrossTeams('a test looks', (tx) => tx.query(sql, parameters)) as Promise<T>;
  }

  get ctx(): CallContext {
    return this.publisher.ctx;
  }
}
