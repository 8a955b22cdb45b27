import { FACTS_STREAM, graph, type ServiceName, SERVICES } from '#contracts';
import { AppError } from '#kernel';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** How long the stream keeps a fact; a consumer that was away longer needs a replay. */
export const STREAM_DAYS = 7;
const DAY_NS = 86_400_000_000_000;
const SECOND_NS = 1_000_000_000;

const CONFIG = {
  name: FACTS_STREAM,
  subjects: ['fact.>'],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.Old,
  max_age: STREAM_DAYS * DAY_NS,
  duplicate_window: 120 * SECOND_NS,
  /** A publisher reads its own last fact back. */
  allow_direct: true,
};

/**
 * Creates the one stream and a durable consumer per service that hears anything; the bootstrap's job, idempotent. The
 * stream takes `fact.>` alone: over an RPC subject it would answer the RPC itself.
 * @throws AppError `stream.over_questions`, `stream.not_as_configured`
 */
export const prepareStream = async (connection: NatsConnection): Promise<void> => {
  const manager = await jetstreamManager(connection);
  await refuseStreamsOverQuestions(manager);
  const { config } = await manager.streams.update(FACTS_STREAM, CONFIG).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return manager.streams.add(CONFIG);
    throw error;
  });
  // A server that does not know a setting passes over it in silence.
  for (const [name, value] of Object.entries(CONFIG)) {
    if (JSON.stringify(config[name as keyof typeof CONFIG]) !== JSON.stringify(value)) {
      throw new AppError('stream.not_as_configured', `The NATS server did not take ${name} of stream ${FACTS_STREAM}.`);
    }
  }
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

const refuseStreamsOverQuestions = async (manager: JetStreamManager): Promise<void> => {
  for await (const { config } of manager.streams.list()) {
    const caught = config.subjects?.find((subject) => ['rpc', 'live', '*', '>'].includes(subject.split('.', 1)[0]!));
    if (caught !== undefined) {
      throw new AppError(
        'stream.over_questions',
        `The stream ${config.name} takes ${caught}, and would answer questions between services: give it other subjects.`,
      );
    }
  }
};
