import { describe, expect, it } from '@jest/globals';
import { register } from 'prom-client';
import { Timed, timed, Timing, timingSummaries } from './timing.js';

const of = (name: string) => timingSummaries().find((one) => one.name === name);

describe('a timing', () => {
  it('tells mean and quantiles by nearest rank', () => {
    const timing = new Timing('a');
    for (let ms = 1; ms <= 100; ms += 1) timing.add(ms, ms > 98);
    expect(timing.summary()).toEqual({
      name: 'a',
      count: 100,
      failures: 2,
      samples: 100,
      mean_ms: 50.5,
      p50_ms: 50,
      p95_ms: 95,
      p99_ms: 99,
    });
  });

  it('keeps the last 1,000 samples and counts all', () => {
    const timing = new Timing('a');
    for (let n = 0; n < 1_000; n += 1) timing.add(1_000);
    for (let n = 0; n < 1_000; n += 1) timing.add(1);
    expect(timing.summary()).toMatchObject({ count: 2_000, samples: 1_000, mean_ms: 1, p99_ms: 1 });
  });

  it('of nothing is nothing', () => {
    expect(new Timing('a').summary()).toMatchObject({ count: 0, samples: 0, mean_ms: 0, p50_ms: 0, p99_ms: 0 });
  });
});

class Worker {
  constructor(private readonly factor: number) {}

  @Timed('worker.multiply')
  multiply(by: number): number {
    if (by === 0) throw new Error('zero');
    return this.factor * by;
  }

  @Timed('worker.later')
  async later(by: number): Promise<number> {
    await Promise.resolve();
    return this.multiply(by);
  }
}

describe('timed work', () => {
  it('gives back what the work gives, and counts it', async () => {
    expect(timed('a.sum', () => 1 + 1)).toBe(2);
    expect(await timed('a.sum', async () => 3)).toBe(3);
    expect(of('a.sum')).toMatchObject({ count: 2, failures: 0 });
  });

  it('throws what the work throws, and counts it as failed', async () => {
    const failure = new Error('no');
    expect(() =>
      timed('a.failure', () => {
        throw failure;
      }),
    ).toThrow(failure);
    await expect(timed('a.failure', () => Promise.reject(failure))).rejects.toBe(failure);
    expect(of('a.failure')).toMatchObject({ count: 2, failures: 2 });
  });

  it('of a method keeps its object', async () => {
    const worker = new Worker(2);
    expect(worker.multiply(3)).toBe(6);
    expect(() => worker.multiply(0)).toThrow('zero');
    expect(await worker.later(4)).toBe(8);
    expect(of('worker.multiply')).toMatchObject({ count: 3, failures: 1 });
    expect(of('worker.later')).toMatchObject({ count: 1, failures: 0 });
    expect(await register.metrics()).toContain('spectrace_timed_duration_seconds_count{name="worker.multiply"} 3');
  });
});
