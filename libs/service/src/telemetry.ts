import { SAMPLERS, startTracing, watchProcess } from '#telemetry';
import { Logger } from '@nestjs/common';
import { bool, makeValidator, str } from 'envalid';
import { readEnv } from './env.js';

const TRACES_PATH = 'v1/traces';

const httpUrl = makeValidator<string>((text) => {
  if (text !== '' && !/^https?:$/.test(new URL(text).protocol)) throw new Error('not an http URL');
  return text;
});

/** `key=value,key=value`, both percent-encoded, as W3C Baggage has them. */
const pairs = makeValidator<Record<string, string>>((text) =>
  Object.fromEntries(
    text
      .split(',')
      .filter((pair) => pair.trim() !== '')
      .map((pair) => {
        const at = pair.indexOf('=');
        if (at < 1) throw new Error('not key=value');
        return [pair.slice(0, at), pair.slice(at + 1)].map((part) => decodeURIComponent(part.trim()));
      }),
  ),
);

const wholeNumber = makeValidator<number>((text) => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error('not a whole number from 1');
  return Number(text);
});

const ratio = makeValidator<number>((text) => {
  const given = Number(text);
  if (text.trim() === '' || !(given >= 0 && given <= 1)) throw new Error('not in 0..1');
  return given;
});

/** Names and defaults of the OpenTelemetry specification, but that no endpoint means no export. */
export const telemetrySettings = {
  OTEL_SDK_DISABLED: bool({ default: false, desc: 'true: no spans, whatever else is set' }),
  OTEL_TRACES_EXPORTER: str({ default: 'otlp', choices: ['otlp', 'none'], desc: 'where spans go' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl({
    default: '',
    desc: 'URL of a collector that takes OTLP over HTTP, like http://127.0.0.1:4318; without it no span is recorded',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl({
    default: '',
    desc: 'URL that spans are posted to as it is, instead of OTEL_EXPORTER_OTLP_ENDPOINT with /v1/traces',
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: str({
    default: 'http/protobuf',
    choices: ['http/protobuf', 'http/json'],
    desc: 'how spans are written',
  }),
  OTEL_EXPORTER_OTLP_HEADERS: pairs({ default: {}, desc: 'headers for the collector, key=value, separated by ","' }),
  OTEL_EXPORTER_OTLP_COMPRESSION: str({ default: 'none', choices: ['gzip', 'none'], desc: 'compression of batches' }),
  OTEL_EXPORTER_OTLP_TIMEOUT: wholeNumber({
    default: 10_000,
    desc: 'milliseconds for one batch, repetitions included',
  }),
  OTEL_TRACES_SAMPLER: str({
    default: 'parentbased_always_on',
    choices: [...SAMPLERS],
    desc: 'which traces are recorded',
  }),
  OTEL_TRACES_SAMPLER_ARG: ratio({ default: 1, desc: 'share of traces recorded by samplers with a ratio, 0..1' }),
  OTEL_SERVICE_NAME: str({ default: 'spectrace', desc: 'what service.name begins with: <this>-gateway and so on' }),
  OTEL_RESOURCE_ATTRIBUTES: pairs({
    default: {},
    desc: 'attributes of every service, key=value, separated by ",", like deployment.environment.name=production',
  }),
  OTEL_BSP_SCHEDULE_DELAY: wholeNumber({ default: 5_000, desc: 'milliseconds a span waits at most for its batch' }),
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber({
    default: 2_048,
    desc: 'spans that may wait for the collector; more are dropped and counted',
  }),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumber({ default: 512, desc: 'spans in one batch' }),
};

/**
 * Measures this process, and records its spans where the settings name a collector. Once a process, before its services
 * start; the returned function sends what is left, in two seconds at most.
 * @throws AppError `settings.invalid`
 */
export const openTelemetry = async (source: NodeJS.ProcessEnv): Promise<() => Promise<void>> => {
  const env = readEnv(source, telemetrySettings);
  watchProcess();
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || (base && `${base.replace(/\/+$/, '')}/${TRACES_PATH}`);
  if (env.OTEL_SDK_DISABLED || env.OTEL_TRACES_EXPORTER === 'none' || url === '') return async () => undefined;
  const log = new Logger('telemetry');
  return startTracing({
    url,
    headers: env.OTEL_EXPORTER_OTLP_HEADERS,
    protocol: env.OTEL_EXPORTER_OTLP_PROTOCOL as 'http/json',
    compression: env.OTEL_EXPORTER_OTLP_COMPRESSION as 'gzip',
    sampler: env.OTEL_TRACES_SAMPLER as (typeof SAMPLERS)[number],
    samplerRatio: env.OTEL_TRACES_SAMPLER_ARG,
    prefix: env.OTEL_SERVICE_NAME === '' ? '' : `${env.OTEL_SERVICE_NAME}-`,
    resource: env.OTEL_RESOURCE_ATTRIBUTES,
    queueSize: env.OTEL_BSP_MAX_QUEUE_SIZE,
    batchSize: env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
    delayMs: env.OTEL_BSP_SCHEDULE_DELAY,
    timeoutMs: env.OTEL_EXPORTER_OTLP_TIMEOUT,
    onChange: (failure) =>
      failure
        ? log.warn({ err: failure, what: 'the collector takes no spans; they are dropped until it does' })
        : log.log('the collector takes spans again'),
  });
};
