import { describe, expect, it } from '@jest/globals';
import type { Step } from '#client/browser';
import { StepReader } from './step-reader.js';
import { TraceStore } from './trace-store.js';

const open = (count: number, pageLimit = 1_000) => {
  const store = new TraceStore(0, () => undefined);
  store.reaches(count);
  const asked: [after: number, limit: number][] = [];
  const faults: Error[] = [];
  const read = async (after: number, limit: number) => {
    asked.push([after, limit]);
    const fault = faults.shift();
    if (fault) throw fault;
    const size = Math.min(limit, pageLimit, Math.max(0, count - after));
    const items = Array.from({ length: size }, (_, i): Step => ({ step: after + i + 1, thought: '', actions: [] }));
    return { items, next_cursor: null };
  };
  const reader = new StepReader(store, read, () => Promise.resolve());
  return { store, reader, asked, faults };
};
/** Every answer is there at once, so some turns of the microtask queue are enough. */
const TURNS = 200;
const settled = async (done: () => boolean): Promise<void> => {
  for (let turn = 0; turn < TURNS && !done(); turn += 1) await Promise.resolve();
};
const has = (store: TraceStore, step: number) => settled(() => store.step(step) !== undefined);

describe('reading what is in sight', () => {
  it('reads the block around it, once', async () => {
    const { store, reader, asked } = open(20_000);
    reader.want(10_050, 10_060);
    await has(store, 10_060);
    reader.want(10_055, 10_070);
    reader.want(95, 105);
    await has(store, 105);
    expect(asked).toEqual([
      [10_000, 100],
      [0, 100],
      [100, 100],
    ]);
  });

  it('leaves out what was scrolled past before its turn', async () => {
    const { store, reader, asked } = open(20_000);
    for (let step = 1; step < 19_000; step += 500) reader.want(step, step + 5);
    reader.want(19_501, 19_510);
    await has(store, 19_501);
    expect(asked).toEqual([[19_500, 100]]);
  });

  it('goes on until the block is whole where pages are shorter', async () => {
    const { store, reader, asked } = open(150, 40);
    reader.want(1, 10);
    await has(store, 100);
    expect(asked).toEqual([
      [0, 100],
      [40, 60],
      [80, 20],
    ]);
  });

  it('says why it could not, and reads again when it is told to', async () => {
    const { store, reader, faults } = open(50);
    faults.push(new Error('gone'));
    reader.want(1, 10);
    await settled(() => reader.problem !== null);
    expect(store.known).toBe(0);
    reader.want(1, 10);
    reader.retry();
    await has(store, 50);
    expect(reader.problem).toBeNull();
  });

  it('reads the whole run without what it has', async () => {
    const { store, reader, asked } = open(1_200);
    reader.want(1, 10);
    await has(store, 100);
    await reader.readAll(() => false);
    expect([store.known, asked.length]).toEqual([1_200, 4]);
  });
});
