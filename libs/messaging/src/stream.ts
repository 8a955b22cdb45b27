import { graph, type ServiceName, SERVICES } from '#contracts';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

export const FACTS_STREAM = 'FACTS';
const DAY_NS = 86_400_000_000_000;
const SECOND_NS = 1_000_000_000;

/** Failures of one fact before it becomes a dead letter. */
export const MAX_DELIVERIES = 5;

/**
 * Creates the one stream and a durable consumer per service that hears anything; the bootstrap's job, idempotent.
 * The stream takes `fact.>` alone: over an RPC subject it would answer the RPC itself.
 */
export const prepareStream = async (connection: NatsConnection): Promise<void> => {
  const manager = await jetstreamManager(connection);
  const config = {
    name: FACTS_STREAM,
    subjects: ['fact.>'],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: 7 * DAY_NS,
    duplicate_window: 120 * SECOND_NS,
  };
  await manager.streams.add(config).catch(() => manager.streams.update(FACTS_STREAM, config));
  for (const service of SERVICES.filter((name: ServiceName) => graph[name].hears.length > 0)) {
    await manager.consumers.add(FACTS_STREAM, {
      durable_name: service,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: 30 * SECOND_NS,
      max_ack_pending: 1024,
    });
  }
};
