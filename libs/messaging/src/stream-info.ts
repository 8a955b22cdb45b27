import { FACTS_STREAM } from '#contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import { apiOf } from './connect.js';

/**
 * Since when the one stream is there; asked directly, for of the JetStream API a service may use few subjects.
 * @throws when there is none, or nobody answers
 */
export const streamCreated = async (connection: NatsConnection, timeout: number): Promise<string> => {
  const reply = await connection.request(`${apiOf(connection)}.STREAM.INFO.${FACTS_STREAM}`, '', { timeout });
  const { created, error } = reply.json<{ created: string; error?: { description: string } }>();
  if (error) throw new Error(`stream ${FACTS_STREAM}: ${error.description}; "migrate" makes it`);
  return created;
};
