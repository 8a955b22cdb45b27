import { factSubject } from '#contracts';
import type { SpanSpec } from '#telemetry';
import type { FactMessage, FactRow } from './fact-message.js';

/** OpenTelemetry's conventions for messaging. */
const attributesOf = (type: string, id: string, team: string, operation: string) => ({
  'messaging.system': 'nats',
  'messaging.operation.type': operation,
  'messaging.operation.name': operation,
  'messaging.destination.name': factSubject({ subject: type } as never),
  'messaging.message.id': id,
  'spectrace.team': team,
});

/** Sending a fact belongs to what wrote it. */
export const sendingSpan = (service: string, { type, id, team_id, context }: FactRow): SpanSpec => ({
  service,
  name: `send ${type}`,
  kind: 'producer',
  parent: context.trace,
  attributes: attributesOf(type, id, team_id, 'send'),
});

/** Hearing a fact belongs to its sending. */
export const hearingSpan = (service: string, { heard, ctx }: FactMessage): SpanSpec => ({
  service,
  name: `process ${heard.type}`,
  kind: 'consumer',
  parent: ctx.trace,
  attributes: {
    ...attributesOf(heard.type, heard.id, heard.team, 'process'),
    'messaging.consumer.group.name': service,
  },
});
