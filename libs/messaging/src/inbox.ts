import { FACTS_STREAM } from '#contracts';
import type { Database } from '#persistence';
import { jetstream, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { apiOf } from './connect.js';
import { Ears } from './ears.js';
import { FactIntake } from './fact-intake.js';
import { type FactMessage, fromFactMessage } from './fact-message.js';
import { deadLetters, waitingFacts } from './fact.metrics.js';
import { Loop } from './loop.js';
import { PostponedFacts } from './postponed-fact.worker.js';

const BATCH = 256;
const FETCH_MS = 5_000;
/** For a message that could not even be postponed: the database is away. */
const AGAIN_MS = 1_000;

/**
 * Takes a service's facts from its durable consumer; several processes share it. A message is acknowledged once its fact
 * has acted or waits in the database, so none is lost, none acts twice, and none holds up the stream.
 */
export class Inbox {
  private readonly log = new Logger(Inbox.name);
  private readonly ears: Ears;
  private readonly intake: FactIntake;
  private readonly postponed: PostponedFacts;
  private readonly loop: Loop;
  private stopping = new AbortController();
  private caughtUp = false;

  constructor(
    private readonly service: string,
    private readonly connection: NatsConnection,
    database: Database,
    consumers: object[],
    private readonly onError: (error: unknown) => void,
  ) {
    this.ears = new Ears(service, consumers);
    this.intake = new FactIntake(service, database, this.ears, (inMs) => this.postponed.wake(inMs));
    this.postponed = new PostponedFacts(
      database,
      () => ({ facts: this.intake, options: { caughtUp: this.caughtUp } }),
      onError,
    );
    this.loop = new Loop(() => this.listen(), 1_000, onError);
  }

  start(): void {
    if (this.ears.empty) return;
    this.stopping = new AbortController();
    this.loop.start();
    this.postponed.start();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop.stop();
    await this.postponed.stop();
  }

  private async listen(): Promise<void> {
    const { signal } = this.stopping;
    this.caughtUp = false;
    const stream = jetstream(this.connection, { apiPrefix: apiOf(this.connection) });
    const consumer = await stream.consumers.get(FACTS_STREAM, this.service);
    while (!signal.aborted) {
      const batch = await consumer.fetch({ max_messages: BATCH, expires: FETCH_MS });
      const stop = (): void => void batch.close();
      signal.addEventListener('abort', stop, { once: true });
      let heard = 0;
      try {
        for await (const message of batch) {
          heard++;
          await this.handle(message);
          const { pending } = message.info;
          this.caughtUp = pending === 0;
          waitingFacts.set({ service: this.service }, pending);
        }
      } finally {
        signal.removeEventListener('abort', stop);
      }
      this.caughtUp ||= heard === 0;
      if (heard === 0) waitingFacts.set({ service: this.service }, 0);
    }
  }

  private async handle(message: JsMsg): Promise<void> {
    const fact = this.read(message);
    if (!fact) return message.term();
    if (!this.ears.hears(fact.heard.type)) return message.ack();
    try {
      await this.intake.take(fact, { caughtUp: false });
      message.ack();
    } catch (error) {
      this.onError(error);
      message.nak(AGAIN_MS);
    }
  }

  /** Null for what cannot be a fact: it has no row anywhere, so the log is all there is. */
  private read(message: JsMsg): FactMessage | null {
    try {
      return fromFactMessage(message);
    } catch (error) {
      deadLetters.inc({ service: this.service });
      this.log.error({
        ...{ err: error, service: this.service, subject: message.subject, stream_seq: message.seq },
        what: 'what lies on the stream is not a fact',
      });
      return null;
    }
  }
}
