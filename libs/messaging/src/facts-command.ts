import { type CallContext, graph, ownerOf, replayFacts, retryFacts, type ServiceName } from '#contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import { Bus } from './bus.js';

/** Rewriting a quarter's facts is one statement, but a long one. */
const TIMEOUT_MS = 120_000;

/** An operator's: it names no team, and each service acts on its own rows of all of them. */
const operator: CallContext = {
  team: '00000000-0000-0000-0000-000000000000',
  principal: { kind: 'service', id: 'facts', name: 'facts' },
  on_behalf_of: { kind: 'service', id: 'facts', name: 'facts' },
  roles: [],
};

/**
 * Has every publisher send again what `service` hears, as far as it was written at or after `since` (RFC 3339).
 * Publishers keep facts for 90 days. Facts the service heard before are passed over, the others act in order per
 * aggregate. Returns how many facts each publisher sends.
 * @throws AppError `service.unavailable` when a publisher is down; those before it send theirs, so ask again
 */
export const replayTo = async (
  connection: NatsConnection,
  service: ServiceName,
  since: string,
): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  const owners = new Set(graph[service].hears.map((fact) => ownerOf(fact) as ServiceName));
  for (const owner of owners) {
    const types = graph[service].hears.filter((fact) => ownerOf(fact) === owner).map((fact) => fact.subject);
    const { facts } = await new Bus(connection).call(
      operator,
      replayFacts(owner),
      { since, types },
      { timeoutMs: TIMEOUT_MS },
    );
    counts[owner] = facts;
  }
  return counts;
};

/** Has `service` hear its dead letters again; returns how many. Later facts of their aggregates may have acted. */
export const retryDeadLetters = async (connection: NatsConnection, service: ServiceName): Promise<number> => {
  const { facts } = await new Bus(connection).call(operator, retryFacts(service), {}, { timeoutMs: TIMEOUT_MS });
  return facts;
};
