export {
  countCacheRead,
  countLoggedError,
  metricsPage,
  processSummary,
  type ProcessSummary,
  TrackedGauge,
  watchProcess,
} from './process-metrics.js';
export { startTracing } from './start-tracing.js';
export { Stopwatch, Timed, timed, timingSummaries, type TimingSummary } from './timing.js';
export { childOf, traceIdOf, untraced } from './traceparent.js';
export { SAMPLERS, type TracingOptions } from './tracing-options.js';
export {
  currentTrace,
  currentTraceId,
  errorTypeOf,
  inSpan,
  isFault,
  openSpan,
  type OpenSpan,
  outsideSpans,
  type SpanAttributes,
  type SpanSpec,
  withTrace,
} from './tracing.js';
