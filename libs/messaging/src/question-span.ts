import type { CallContext, Rpc } from '#contracts';
import type { SpanAttributes } from '#telemetry';

const SUBJECT = /^(.+)\.([^.]+)\.v\d+$/;

const executionOf = (input: object): SpanAttributes => {
  const { execution_id } = input as { execution_id?: unknown };
  return typeof execution_id === 'string' ? { 'spectrace.execution_id': execution_id } : {};
};

/** Name and attributes of both ends of a question, as OpenTelemetry's conventions for RPC have them. */
export const questionSpan = (
  { subject }: Rpc<object, object>,
  { team }: CallContext,
  input: object,
): { name: string; attributes: SpanAttributes } => {
  const [, service = subject, method = ''] = SUBJECT.exec(subject) ?? [];
  return {
    name: `${service}/${method}`,
    attributes: {
      'rpc.system': 'nats',
      'rpc.service': service,
      'rpc.method': method,
      'spectrace.team': team,
      ...executionOf(input),
    },
  };
};
