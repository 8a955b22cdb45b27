import { collectDefaultMetrics, Counter, Gauge, register } from 'prom-client';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Timing, type TimingSummary } from './timing.js';

const RESOLUTION_MS = 10;
const LOOK_MS = 1_000;
const NS_PER_MS = 1e6;

interface Reading<L extends string> {
  labels: Partial<Record<L, string>>;
  value: number;
}

/** A gauge that is read when somebody looks, from everything in this process that tracks it: its sum, by labels. */
export class TrackedGauge<L extends string = never> {
  private readonly reads = new Set<() => Reading<L>[]>();

  /** @param name `spectrace_<area>_<what>_<unit>` */
  constructor(name: string, help: string, labelNames: readonly L[] = []) {
    const { reads } = this;
    void new Gauge<L>({
      name,
      help,
      labelNames,
      collect() {
        this.reset();
        for (const read of reads) for (const { labels, value } of read()) this.inc(labels as Record<L, string>, value);
      },
    });
  }

  /** Until the returned function is called. */
  track(read: () => Reading<L>[]): () => void {
    this.reads.add(read);
    return () => void this.reads.delete(read);
  }
}

const cacheReads = new Counter({
  name: 'spectrace_cache_reads_total',
  help: 'Looks into a cache, by whether it was there.',
  labelNames: ['cache', 'outcome'] as const,
});
const caches = new Map<string, { hits: number; misses: number }>();

/** One look into a cache. */
export const countCacheRead = (cache: string, hit: boolean): void => {
  const counts = caches.get(cache) ?? { hits: 0, misses: 0 };
  counts[hit ? 'hits' : 'misses'] += 1;
  caches.set(cache, counts);
  cacheReads.inc({ cache, outcome: hit ? 'hit' : 'miss' });
};

const logged = new Counter({
  name: 'spectrace_log_errors_total',
  help: 'Lines logged as errors.',
  labelNames: ['service'] as const,
});
let errorsLogged = 0;

export const countLoggedError = (service: string | undefined): void => {
  errorsLogged += 1;
  logged.inc({ service: service ?? 'none' });
};

const lag = new Timing('event_loop.lag');
let watching = false;

/** The longest time a second that a timer came late, for the last 1,000 seconds. */
const watchEventLoop = (): void => {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  setInterval(() => {
    lag.add(Math.max(0, delays.max / NS_PER_MS - RESOLUTION_MS));
    delays.reset();
  }, LOOK_MS).unref();
};

/** Memory, processor time and event loop of this process are measured from now on; a second call does nothing. */
export const watchProcess = (): void => {
  if (watching) return;
  watching = true;
  collectDefaultMetrics();
  watchEventLoop();
};

/** How this process is, from the figures that it keeps itself. */
export interface ProcessSummary {
  uptime_s: number;
  memory: { resident_bytes: number; heap_used_bytes: number; heap_total_bytes: number; external_bytes: number };
  event_loop_lag: TimingSummary;
  errors_logged: number;
  caches: { name: string; hits: number; misses: number; hit_ratio: number }[];
}

export const processSummary = (): ProcessSummary => {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  return {
    uptime_s: process.uptime(),
    memory: {
      resident_bytes: rss,
      heap_used_bytes: heapUsed,
      heap_total_bytes: heapTotal,
      external_bytes: external,
    },
    event_loop_lag: lag.summary(),
    errors_logged: errorsLogged,
    caches: [...caches].map(([name, { hits, misses }]) => ({ name, hits, misses, hit_ratio: hits / (hits + misses) })),
  };
};

/** Everything this process measures, for Prometheus: one registry, however many services there are. */
export const metricsPage = async (): Promise<{ type: string; text: string }> => ({
  type: register.contentType,
  text: await register.metrics(),
});
