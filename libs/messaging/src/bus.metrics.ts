import { isFault, Stopwatch } from '#telemetry';

/** refused: an error that says no; failed: one that says that something is broken, or nobody answered. */
export type Outcome = 'answered' | 'refused' | 'failed';

export const callDurations = new Stopwatch(
  'spectrace_bus_call_duration_seconds',
  'Questions to other services, as the asking service sees them.',
  ['service', 'subject', 'outcome'],
  ({ subject }) => `call ${subject}`,
);

export const handlerDurations = new Stopwatch(
  'spectrace_bus_handler_duration_seconds',
  'Questions, as the service that answers them sees them.',
  ['service', 'subject', 'outcome'],
  ({ subject }) => `handler ${subject}`,
);

/** Times an answer. */
export const timedAnswer = async <T>(service: string, subject: string, answer: () => Promise<T>): Promise<T> => {
  const began = performance.now();
  let outcome: Outcome = 'answered';
  try {
    return await answer();
  } catch (error) {
    outcome = isFault(error) ? 'failed' : 'refused';
    throw error;
  } finally {
    handlerDurations.record({ service, subject, outcome }, performance.now() - began, outcome === 'failed');
  }
};
