import { type Collector, startCollector, until } from '#testing';
import { AppError } from '#kernel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { register } from 'prom-client';
import { startTracing } from './start-tracing.js';
import { childOf, traceIdOf } from './traceparent.js';
import { currentTrace, currentTraceId, inSpan, openSpan, outsideSpans, withTrace } from './tracing.js';
import type { TracingOptions } from './tracing-options.js';

const service = 'executor';
let collector: Collector;
let stop: () => Promise<void>;
let changes: (Error | null)[];

const start = async (options: Partial<TracingOptions> = {}): Promise<void> => {
  stop = await startTracing({
    url: `${collector.url}/v1/traces`,
    headers: {},
    protocol: 'http/json',
    compression: 'none',
    sampler: 'parentbased_always_on',
    samplerRatio: 1,
    prefix: 'spectrace-',
    resource: {},
    queueSize: 100,
    batchSize: 50,
    delayMs: 10,
    timeoutMs: 1_000,
    onChange: (failure) => changes.push(failure),
    ...options,
  });
};

const collected = (count: number) => until(`${count} spans`, () => collector.spans.length >= count && collector.spans);
const counted = async (outcome: string): Promise<number> =>
  (
    await (
      register.getSingleMetric('spectrace_telemetry_spans_total') as never as {
        get: () => Promise<{ values: { labels: { outcome: string }; value: number }[] }>;
      }
    ).get()
  ).values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
const burst = (count: number): void => {
  for (let n = 0; n < count; n += 1) openSpan({ service, name: 'a', begins: true }).end();
};

beforeEach(async () => {
  changes = [];
  stop = async () => undefined;
  collector = await startCollector();
});
afterEach(async () => {
  await stop();
  await collector.close();
});

describe('without an exporter', () => {
  it('work runs, and still knows the trace it was reached with', async () => {
    const parent = childOf(undefined);
    await inSpan({ service, name: 'a', parent }, async () => {
      expect(currentTrace()).toBe(parent);
      await inSpan({ service, name: 'b' }, async () => expect(currentTraceId()).toBe(traceIdOf(parent)));
    });
    expect(currentTrace()).toBeUndefined();
    const begun = openSpan({ service, name: 'a', parent, begins: true });
    expect(traceIdOf(begun.traceparent!)).toBe(traceIdOf(parent));
    expect(openSpan({ service, name: 'a' }).traceparent).toBeUndefined();
  });
});

describe('spans', () => {
  it('hang together over await, as children of the code they are in', async () => {
    await start();
    const parent = childOf(undefined);
    await inSpan({ service: 'gateway', name: 'outer', kind: 'server', parent }, async () => {
      await Promise.all(
        ['left', 'right'].map((name) =>
          inSpan({ service, name, kind: 'client', attributes: { 'rpc.system': 'nats' } }, async () => {
            await Promise.resolve();
            await inSpan({ service, name: `${name} inner` }, async () => undefined);
          }),
        ),
      );
    });
    const spans = await collected(5);
    const of = (name: string) => spans.find((span) => span.name === name)!;
    expect(new Set(spans.map(({ trace_id }) => trace_id))).toEqual(new Set([traceIdOf(parent)]));
    expect(of('outer')).toMatchObject({ service: 'spectrace-gateway', kind: 2, parent_id: parent.split('-')[2] });
    expect(of('left')).toMatchObject({ service: 'spectrace-executor', kind: 3, parent_id: of('outer').span_id });
    expect(of('left').attributes).toEqual({ 'rpc.system': 'nats' });
    expect(of('right inner').parent_id).toBe(of('right').span_id);
  });

  it('are made where a trace goes on or begins, and nowhere else', async () => {
    await start();
    await inSpan({ service, name: 'a sweep' }, async () => expect(currentTrace()).toBeUndefined());
    await inSpan({ service, name: 'a request', begins: true }, async () => {
      outsideSpans(() => openSpan({ service, name: 'a loop it woke' }).end());
    });
    const spans = await collected(1);
    await stop();
    expect(spans.map(({ name, parent_id }) => [name, parent_id])).toEqual([['a request', '']]);
  });

  it('follow the call context where the code is in another trace', async () => {
    await start();
    const [mine, other] = [childOf(undefined), childOf(undefined)];
    await inSpan({ service, name: 'mine', parent: mine }, async () => {
      expect(traceIdOf(withTrace({ trace: other }).trace!)).toBe(traceIdOf(other));
      const { trace } = withTrace({ trace: mine });
      expect(trace).toBe(currentTrace());
      expect(trace).not.toBe(mine);
      openSpan({ service, name: 'theirs', within: other }).end();
      openSpan({ service, name: 'inner', within: mine, links: [other, 'nonsense'] }).end();
    });
    const spans = await collected(3);
    const of = (name: string) => spans.find((span) => span.name === name)!;
    expect(of('theirs')).toMatchObject({ trace_id: traceIdOf(other), parent_id: other.split('-')[2] });
    expect(of('inner')).toMatchObject({ trace_id: traceIdOf(mine), parent_id: of('mine').span_id });
    expect(of('inner').links).toEqual([traceIdOf(other)]);
  });

  it('tell of a failure its code, and that it is one only when it is ours', async () => {
    await start();
    const failing = (name: string, error: Error) =>
      expect(inSpan({ service, name, begins: true }, () => Promise.reject(error))).rejects.toBe(error);
    await failing('refused', new AppError('approval.pending', 'secret'));
    await failing('away', new AppError('service.unavailable', 'secret', { retryable: true }));
    await failing('broken', Object.assign(new Error('secret'), { code: '23505' }));
    const spans = await collected(3);
    expect(spans.map(({ name, status, attributes }) => [name, status, attributes['error.type']])).toEqual([
      ['refused', 0, 'approval.pending'],
      ['away', 2, 'service.unavailable'],
      ['broken', 2, '23505'],
    ]);
    expect(collector.posted.map(({ body }) => body.toString()).join()).not.toContain('secret');
  });

  it('of a trace that its caller does not sample are not recorded, but go on', async () => {
    await start();
    const parent = childOf(undefined).replace(/01$/, '00');
    await inSpan({ service, name: 'unsampled', parent }, async () => {
      expect(currentTraceId()).toBe(traceIdOf(parent));
      expect(currentTrace()).toMatch(/-00$/);
    });
    openSpan({ service, name: 'sampled', begins: true }).end();
    await collected(1);
    await stop();
    expect(collector.spans.map(({ name }) => name)).toEqual(['sampled']);
  });

  it('go out as protobuf, compressed, with headers', async () => {
    await start({ protocol: 'http/protobuf', compression: 'gzip', headers: { authorization: 'Bearer x' } });
    const span = openSpan({ service, name: 'a', begins: true });
    span.end();
    const [posted] = await until('a batch', () => collector.posted.length > 0 && collector.posted);
    expect(posted!.path).toBe('/v1/traces');
    expect(posted!.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
      authorization: 'Bearer x',
    });
    expect(posted!.body.includes(Buffer.from(traceIdOf(span.traceparent!), 'hex'))).toBe(true);
    expect(posted!.body.includes('spectrace-executor')).toBe(true);
  });
});

describe('a collector', () => {
  it('that refuses costs its spans, which are counted, and is told of once', async () => {
    const before = await counted('failed');
    collector.answer = 400;
    await start();
    burst(1);
    await until('a failure', async () => (await counted('failed')) === before + 1);
    burst(1);
    await until('another', async () => (await counted('failed')) === before + 2);
    collector.answer = 200;
    burst(1);
    await collected(1);
    await until('both are told', () => changes.length === 2);
    expect(changes).toEqual([expect.any(Error), null]);
  });

  it('that never answers holds nothing up: the queue is bounded, the rest is counted', async () => {
    const before = await counted('dropped');
    collector.answer = null;
    await start({ queueSize: 100, batchSize: 50, timeoutMs: 3_000 });
    burst(50);
    await until('a batch under way', () => collector.posted.length > 0);
    const began = performance.now();
    burst(1_000);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect((await counted('dropped')) - before).toBeGreaterThanOrEqual(900);
    const stopping = performance.now();
    await stop();
    expect(performance.now() - stopping).toBeLessThan(5_000);
  });
});
