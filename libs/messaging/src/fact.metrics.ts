import { Stopwatch } from '#telemetry';
import { Counter, Gauge } from 'prom-client';

/** On prom-client's own registry, which whoever serves metrics adds to theirs. Labels name services, never ids. */
export const deadLetters = new Counter({
  name: 'spectrace_facts_dead_letters_total',
  help: 'Facts a service gave up on; each has a row in its table dead_letter, or was unreadable and has a log line.',
  labelNames: ['service'] as const,
});

export const oldestUnsent = new Gauge({
  name: 'spectrace_facts_oldest_unsent_seconds',
  help: 'Age of the oldest fact of a service that never reached the stream; 0 when there is none.',
  labelNames: ['service'] as const,
});

export const hearingDurations = new Stopwatch(
  'spectrace_facts_consumer_duration_seconds',
  'A fact, from when its consumer takes it to when its effects are committed.',
  ['service', 'type', 'outcome'],
  ({ service, type }) => `consumer ${service} ${type}`,
);

export const waitingFacts = new Gauge({
  name: 'spectrace_facts_consumer_lag_facts',
  help: 'Facts on the stream that a service has not taken yet, as of the last one it took.',
  labelNames: ['service'] as const,
});
