import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  type SpanExporter,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { Counter } from 'prom-client';
import type { TracingOptions } from './tracing-options.js';

/** Longest text of a statement in a span, characters. */
const ATTRIBUTE_LENGTH = 1_024;
const SCOPE = 'spectrace';

const spans = new Counter({
  name: 'spectrace_telemetry_spans_total',
  help: 'Spans that the collector took (exported) or did not take (failed), and that found the queue full (dropped).',
  labelNames: ['outcome'] as const,
});

/** Names of the OpenTelemetry specification. */
const samplers: Record<TracingOptions['sampler'], (ratio: number) => Sampler> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};

/** Tells how an export went: the first of several failures, and the first success after them. */
class CountingExporter implements SpanExporter {
  private failing = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly left: (count: number) => void,
    private readonly onChange: TracingOptions['onChange'],
  ) {}

  export(batch: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.left(batch.length);
    this.exporter.export(batch, (result) => {
      const failed = result.code !== 0;
      spans.inc({ outcome: failed ? 'failed' : 'exported' }, batch.length);
      if (failed !== this.failing) this.onChange(failed ? (result.error ?? new Error('export failed')) : null);
      this.failing = failed;
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }
}

/** In front of the batches: a span that finds the queue full is counted and gone. */
class BoundedProcessor implements SpanProcessor {
  private waiting = 0;
  private readonly batches: BatchSpanProcessor;

  constructor(
    exporter: SpanExporter,
    private readonly options: TracingOptions,
  ) {
    const left = (count: number): void => void (this.waiting -= count);
    this.batches = new BatchSpanProcessor({
      exporter: new CountingExporter(exporter, left, options.onChange),
      maxQueueSize: options.queueSize,
      maxExportBatchSize: Math.min(options.batchSize, options.queueSize),
      scheduledDelayMillis: options.delayMs,
      exportTimeoutMillis: options.timeoutMs,
    });
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (this.waiting >= this.options.queueSize) return spans.inc({ outcome: 'dropped' });
    this.waiting += 1;
    this.batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.batches.shutdown();
  }
}

/** The SDK: one queue and one exporter for the process, one resource for every service in it. */
export const openExporting = (
  options: TracingOptions,
): { tracerOf: (service: string) => Tracer; shutdown: () => Promise<void> } => {
  const { url, headers, timeoutMs: timeoutMillis, compression } = options;
  const Exporter = options.protocol === 'http/json' ? JsonExporter : ProtobufExporter;
  const processor = new BoundedProcessor(
    new Exporter({ url, headers, timeoutMillis, compression: compression as never }),
    options,
  );
  const sampler = samplers[options.sampler](options.samplerRatio);
  const tracers = new Map<string, Tracer>();
  const open = (service: string): Tracer =>
    new TracerProvider({
      sampler,
      spanProcessors: [processor],
      spanLimits: { attributeValueLengthLimit: ATTRIBUTE_LENGTH },
      resource: resourceFromAttributes({ ...options.resource, 'service.name': `${options.prefix}${service}` }),
    }).getTracer(SCOPE);
  return {
    tracerOf: (service) => {
      const tracer = tracers.get(service) ?? open(service);
      tracers.set(service, tracer);
      return tracer;
    },
    shutdown: () => processor.shutdown(),
  };
};
