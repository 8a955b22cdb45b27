export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export interface TracingOptions {
  /** Where batches of spans are posted to, `…/v1/traces`. */
  url: string;
  headers: Record<string, string>;
  protocol: 'http/protobuf' | 'http/json';
  compression: 'gzip' | 'none';
  sampler: (typeof SAMPLERS)[number];
  /** 0..1, of samplers with a ratio. */
  samplerRatio: number;
  /** Before the name of every service. */
  prefix: string;
  /** Attributes of every service's resource. */
  resource: Record<string, string>;
  /** Spans that may wait for the exporter; more are dropped and counted. */
  queueSize: number;
  batchSize: number;
  /** Longest time a span waits for its batch to fill, milliseconds. */
  delayMs: number;
  /** For one batch with its repetitions, milliseconds. */
  timeoutMs: number;
  /** Told when exporting begins to fail, and, with null, when it works again. */
  onChange: (failure: Error | null) => void;
}
