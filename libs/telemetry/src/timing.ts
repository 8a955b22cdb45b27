import { Histogram } from 'prom-client';

/** Samples kept of one timed thing. */
const KEPT = 1_000;
const MS_PER_S = 1_000;

/** What the last samples of a timed thing say, milliseconds. */
export interface TimingSummary {
  name: string;
  /** Since the process began. */
  count: number;
  /** Of these, the ones that failed by our own fault. */
  failures: number;
  /** How many of them the figures are made of, at most 1,000. */
  samples: number;
  mean_ms: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
}

const round = (ms: number): number => Math.round(ms * MS_PER_S) / MS_PER_S;

/** Nearest rank; 0 of nothing. */
const quantile = (sorted: Float64Array, q: number): number =>
  sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;

/** The last samples of one thing, the oldest overwritten first. */
export class Timing {
  private readonly kept: number[] = [];
  private count = 0;
  private failures = 0;

  constructor(readonly name: string) {}

  add(ms: number, failed = false): void {
    this.kept[this.count % KEPT] = ms;
    this.count += 1;
    if (failed) this.failures += 1;
  }

  summary(): TimingSummary {
    const { name, count, failures } = this;
    const sorted = Float64Array.from(this.kept).sort();
    const mean = sorted.reduce((sum, ms) => sum + ms, 0) / Math.max(sorted.length, 1);
    const [p50_ms, p95_ms, p99_ms] = [0.5, 0.95, 0.99].map((q) => round(quantile(sorted, q))) as [
      number,
      number,
      number,
    ];
    return { name, count, failures, samples: sorted.length, mean_ms: round(mean), p50_ms, p95_ms, p99_ms };
  }
}

const timings = new Map<string, Timing>();

const timingOf = (name: string): Timing => {
  const timing = timings.get(name) ?? new Timing(name);
  timings.set(name, timing);
  return timing;
};

/** Every timed thing of this process, by name. */
export const timingSummaries = (): TimingSummary[] =>
  [...timings.values()].map((timing) => timing.summary()).sort((a, b) => (a.name < b.name ? -1 : 1));

/** Times one kind of thing: a histogram for Prometheus, and the last samples of each for people. */
export class Stopwatch<L extends string> {
  private readonly histogram: Histogram<L>;

  /**
   * @param name `spectrace_<area>_<what>_duration_seconds`
   * @param labels no ids: each combination is a series
   * @param title how one of them is called in the summaries
   */
  constructor(
    name: string,
    help: string,
    labels: readonly L[],
    private readonly title: (labels: Record<L, string>) => string,
    buckets: number[] = [0.001, 0.005, 0.02, 0.05, 0.1, 0.3, 1, 5, 30],
  ) {
    this.histogram = new Histogram({ name, help, labelNames: labels, buckets });
  }

  record(labels: Record<L, string>, ms: number, failed = false): void {
    this.histogram.observe(labels, ms / MS_PER_S);
    timingOf(this.title(labels)).add(ms, failed);
  }
}

const named = new Stopwatch(
  'spectrace_timed_duration_seconds',
  'Pieces of work that were given a name.',
  ['name'],
  ({ name }) => name,
);

/**
 * Does the work and remembers how long it took, under a name from the code: `<service>.<noun>.<verb>`, never with an id.
 * What the work returns or throws comes through unchanged.
 */
export const timed = <T>(name: string, work: () => T): T => {
  const began = performance.now();
  const done = (failed: boolean): void => named.record({ name }, performance.now() - began, failed);
  let result: T;
  try {
    result = work();
  } catch (error) {
    done(true);
    throw error;
  }
  if (!(result instanceof Promise)) {
    done(false);
    return result;
  }
  return result.then(
    (value: unknown) => {
      done(false);
      return value;
    },
    (error: unknown) => {
      done(true);
      throw error;
    },
  ) as T;
};

/** `timed` around a method; `name` as there. */
export const Timed =
  (name: string) =>
  <A extends unknown[], R>(
    _target: object,
    _key: string,
    descriptor: TypedPropertyDescriptor<(...args: A) => R>,
  ): void => {
    const work = descriptor.value!;
    descriptor.value = function (this: unknown, ...args: A): R {
      return timed(name, () => work.apply(this, args));
    };
  };
