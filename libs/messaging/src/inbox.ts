import type { CallContext } from '#contracts';
import { parseMessage } from '#contracts';
import { AppError } from '#kernel';
import type { Database } from '#persistence';
import { type Consumer, jetstream, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Heard, hearingsOf, type Hearing } from './handles.js';
import { Loop } from './loop.js';
import { FACTS_STREAM, MAX_DELIVERIES } from './stream.js';
import { contextOf, toWireError } from './wire.js';

const BATCH = 256;
const FETCH_MS = 5_000;
const RETRY_MS = [100, 500, 2_000, 5_000];

interface Ear extends Hearing {
  consumer: object;
}

/**
 * Takes a service's facts from its durable consumer. The fact's id and its effects are one transaction, so a fact that
 * comes twice acts once; a fact that fails five times becomes a dead letter and lets the others pass. While a fact
 * fails, later ones of the same aggregate wait.
 */
export class Inbox {
  private readonly ears = new Map<string, Ear>();
  private readonly held = new Map<string, string>();
  private readonly loop: Loop;

  constructor(
    private readonly service: string,
    private readonly connection: NatsConnection,
    private readonly database: Database,
    consumers: object[],
    private readonly onError: (error: unknown) => void,
  ) {
    for (const consumer of consumers) {
      for (const hearing of hearingsOf(consumer)) this.ears.set(hearing.fact.subject, { ...hearing, consumer });
    }
    this.loop = new Loop(() => this.take(), 1_000, onError);
  }

  start(): void {
    if (this.ears.size > 0) this.loop.start();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop.stop();
  }

  private readonly stopping = new AbortController();

  private async take(): Promise<void> {
    const consumer: Consumer = await jetstream(this.connection).consumers.get(FACTS_STREAM, this.service);
    while (!this.stopping.signal.aborted) {
      const batch = await consumer.fetch({ max_messages: BATCH, expires: FETCH_MS });
      const stop = (): void => void batch.close();
      this.stopping.signal.addEventListener('abort', stop, { once: true });
      for await (const message of batch) await this.handle(message);
      this.stopping.signal.removeEventListener('abort', stop);
    }
  }

  private async handle(message: JsMsg): Promise<void> {
    const heard = message.json<Heard<object>>();
    const ear = this.ears.get(heard.type);
    if (!ear) return message.ack();
    const first = this.held.get(heard.aggregate_id) ?? heard.id;
    if (first !== heard.id) return message.nak(RETRY_MS[0]);
    try {
      await this.apply(ear, heard, contextOf(message.headers));
      this.held.delete(heard.aggregate_id);
      message.ack();
    } catch (error) {
      this.onError(error);
      const deliveries = message.info.deliveryCount;
      if (deliveries < MAX_DELIVERIES) {
        this.held.set(heard.aggregate_id, heard.id);
        return message.nak(RETRY_MS[deliveries - 1]);
      }
      await this.bury(heard, error);
      this.held.delete(heard.aggregate_id);
      message.ack();
    }
  }

  private async apply(ear: Ear, heard: Heard<object>, ctx: CallContext): Promise<void> {
    if (ctx.team !== heard.team) throw new AppError('fact.team_mismatch', 'The fact and its context name two teams.');
    const body = parseMessage(ear.fact.body, heard.body);
    await this.database.inTeam(ctx, async (tx) => {
      const [fresh] = await tx.query(
        `INSERT INTO inbox (fact_id, team_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING fact_id`,
        [heard.id, heard.team],
      );
      if (!fresh) return;
      const listener = ear.consumer as Record<string, (heard: object, tx: object, ctx: CallContext) => Promise<void>>;
      await listener[ear.method]!({ ...heard, body }, tx, ctx);
    });
  }

  private async bury(heard: Heard<object>, error: unknown): Promise<void> {
    await this.database.inTeam({ team: heard.team }, (tx) =>
      tx.query(
        `INSERT INTO dead_letter (fact_id, team_id, type, fact, error) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING`,
        [heard.id, heard.team, heard.type, heard, toWireError(error)],
      ),
    );
  }
}
