import type { NatsConnection } from '@nats-io/transport-node';
import { ServerNats } from '@nestjs/microservices';

/** Nest's NATS server on a connection that the service shares with its client; queue group = service. */
export class BusServer extends ServerNats {
  constructor(
    private readonly connection: NatsConnection,
    service: string,
  ) {
    super({ queue: service });
  }

  override async createNatsClient(): Promise<never> {
    return this.connection as never;
  }

  /** Stops taking questions; the connection belongs to whoever opened it. */
  override async close(): Promise<void> {
    await Promise.all(
      (this as unknown as { subscriptions: { drain(): Promise<void> }[] }).subscriptions.map((one) => one.drain()),
    );
  }
}
