import { currentTraceId, inSpan, Stopwatch } from '#telemetry';
import { Counter } from 'prom-client';
import pg from 'pg';
import { summaryOf } from './statement.rules.js';

/** From here on a statement is logged, milliseconds. */
export const SLOW_MS = 100;
/** Longest text of a statement in the log, characters. */
const LOGGED_LENGTH = 2_000;

const durations = new Stopwatch(
  'spectrace_database_statement_duration_seconds',
  'Statements, from when they are sent to when their result is there.',
  ['service', 'operation'],
  ({ service, operation }) => `database ${service} ${operation}`,
);
const slow = new Counter({
  name: 'spectrace_database_slow_statements_total',
  help: `Statements that took ${SLOW_MS} ms or longer.`,
  labelNames: ['service'] as const,
});

export interface SlowStatement {
  service: string;
  duration_ms: number;
  /** As it was sent: values are parameters and not in it. */
  statement: string;
  trace_id?: string;
}

type Query = (...args: unknown[]) => unknown;

/** The text of a statement that answers by a promise; null for cursors and callbacks. */
const textOf = ([first, ...rest]: unknown[]): string | null => {
  const text = typeof first === 'string' ? first : (first as { text?: unknown } | null)?.text;
  const isOther = typeof (first as { submit?: unknown }).submit === 'function';
  return typeof text === 'string' && !isOther && !rest.some((arg) => typeof arg === 'function') ? text : null;
};

const watched = async (
  service: string,
  text: string,
  send: () => Promise<unknown>,
  onSlow: (slow: SlowStatement) => void,
): Promise<unknown> => {
  const { operation, table, summary } = summaryOf(text);
  const began = performance.now();
  let failed = true;
  try {
    const result = await inSpan(
      {
        service,
        name: summary,
        kind: 'client',
        attributes: {
          'db.system.name': 'postgresql',
          'db.namespace': service,
          'db.operation.name': operation,
          'db.query.summary': summary,
          'db.query.text': text,
          ...(table && { 'db.collection.name': table }),
        },
      },
      send,
    );
    failed = false;
    return result;
  } finally {
    const ms = performance.now() - began;
    durations.record({ service, operation }, ms, failed);
    if (ms >= SLOW_MS) {
      slow.inc({ service });
      const statement = text.slice(0, LOGGED_LENGTH);
      onSlow({ service, duration_ms: Math.round(ms), statement, trace_id: currentTraceId() });
    }
  }
};

/** The driver's connection, with every statement timed and in the trace of the code that sends it. */
export const watchedClient = (service: string, onSlow: (slow: SlowStatement) => void): typeof pg.Client =>
  class extends pg.Client {
    override query = ((...args: unknown[]) => {
      const send = (): unknown => (pg.Client.prototype.query as Query).apply(this, args);
      const text = textOf(args);
      return text === null ? send() : watched(service, text, send as () => Promise<unknown>, onSlow);
    }) as pg.Client['query'];
  };
