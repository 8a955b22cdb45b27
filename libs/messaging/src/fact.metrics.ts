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
