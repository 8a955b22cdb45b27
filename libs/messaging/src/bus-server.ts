import { askersOf, questionsOf, rpcSubject, type ServiceName } from '#contracts';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { ServerNats } from '@nestjs/microservices';
import { isFrom } from './senders.js';

/** Nest's NATS server on a connection that the service shares with its client; queue group = service. */
export class BusServer extends ServerNats {
  private readonly log = new Logger(BusServer.name);
  private readonly askers: ReadonlyMap<string, ServiceName[]>;

  constructor(
    private readonly connection: NatsConnection,
    service: ServiceName,
  ) {
    super({ queue: service });
    this.askers = new Map(questionsOf(service).map((question) => [rpcSubject(question), askersOf(question)]));
  }

  override async createNatsClient(): Promise<never> {
    return this.connection as never;
  }

  /** Passes over what nobody sent who may ask: it gets neither an effect nor an answer. */
  override async handleMessage(subject: string, message: Msg): Promise<void> {
    if (isFrom(this.askers.get(subject) ?? [], message)) return super.handleMessage(subject, message);
    this.log.error({ subject, reply: message.reply, what: 'a question from nobody who may ask is passed over' });
  }

  /** Stops taking questions; the connection belongs to whoever opened it. */
  override async close(): Promise<void> {
    await Promise.all(
      (this as unknown as { subscriptions: { drain(): Promise<void> }[] }).subscriptions.map((one) => one.drain()),
    );
  }
}
