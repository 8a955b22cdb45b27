import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { childOf, inSpan } from '#telemetry';
import { callContext, until } from '#testing';
import { openRows, type Rows } from '../../test/rows.js';
import type { WorkItem } from './work-source.js';
import { TableWorkSource } from './work-source.worker.js';
import { WorkRepository, WorkSignal } from './work.repository.js';

let rows: Rows;
let source: TableWorkSource;
let other: TableWorkSource;
let repository: WorkRepository;
const signal = new WorkSignal();
beforeAll(async () => {
  rows = await openRows();
  source = new TableWorkSource(rows.database, { EXECUTOR_LEASE_SECONDS: 15 });
  other = new TableWorkSource(rows.database, { EXECUTOR_LEASE_SECONDS: 15 });
  repository = new WorkRepository(signal);
});
afterAll(() => rows.close());
beforeEach(() => rows.asAdmin(`DELETE FROM executor.work`));

const ctx = callContext();
const create = async (): Promise<string> => {
  const id = uuidv7();
  await rows.database.inTeam(ctx, (tx) => repository.create(tx, ctx.team, id));
  return id;
};
const wake = (id: string) => rows.database.inTeam(ctx, (tx) => repository.wake(tx, id));
const claimed = async (): Promise<WorkItem> => {
  await create();
  const [item] = await source.claim(1);
  return item!;
};
const letLeaseExpire = () =>
  rows.asAdmin(`UPDATE executor.work SET lease_until = clock_timestamp() - interval '1 second' WHERE state = 'leased'`);
const state = async (id: string) =>
  (
    await rows.asAdmin<{ state: string; failures: number }>(
      `SELECT state, failures FROM executor.work WHERE execution_id = $1`,
      [id],
    )
  )[0];

describe('waking', () => {
  const wakeBy = (id: string, by: string) => rows.database.inTeam(ctx, (tx) => repository.wake(tx, id, by));
  const waiting = async (): Promise<WorkItem> => {
    const item = await claimed();
    await source.finish(item, { kind: 'waiting', wake_at: null });
    return item;
  };

  it('by what was told before wakes nobody, by anything else it does', async () => {
    const { execution_id: id } = await waiting();
    await wakeBy(id, 'a yes');
    const [first] = await source.claim(1);
    await source.finish(first!, { kind: 'waiting', wake_at: null });
    await wakeBy(id, 'a yes');
    expect(await source.claim(1)).toEqual([]);
    await wakeBy(id, 'another yes');
    const [second] = await source.claim(1);
    expect(second).toMatchObject({ execution_id: id });
    await source.finish(second!, { kind: 'waiting', wake_at: null });
    await wake(id);
    expect(await source.claim(1)).toHaveLength(1);
  });

  it('by the same, while it is driven for that already, does not have it driven again', async () => {
    const { execution_id: id } = await waiting();
    await wakeBy(id, 'a yes');
    const [item] = await source.claim(1);
    await wakeBy(id, 'a yes');
    await source.finish(item!, { kind: 'waiting', wake_at: null });
    expect((await state(id))!.state).toBe('waiting');
  });
});

describe('claiming', () => {
  it('workers at the same time never get the same item, and never more than they asked for', async () => {
    const ids = await Promise.all(Array.from({ length: 60 }, create));
    const rounds = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? source : other).claim(4)));
    for (const items of rounds) expect(items.length).toBeLessThanOrEqual(4);
    const got = rounds.flat().map(({ execution_id }) => execution_id);
    expect(new Set(got).size).toBe(got.length);
    while (got.length < ids.length) {
      const more = await source.claim(7);
      expect(more.length).toBeGreaterThan(0);
      got.push(...more.map(({ execution_id }) => execution_id));
    }
    expect([...got].sort()).toEqual(ids.sort());
    expect(await source.claim(1)).toEqual([]);
  });

  it('says whose work it is, and counts attempts from one', async () => {
    const id = await create();
    const item = { execution_id: id, team: ctx.team, attempt: 1, failures: 0, woken_by: null };
    expect(await source.claim(5)).toEqual([item]);
  });

  it('a lease that has run out is claimed again, with a higher attempt', async () => {
    const item = await claimed();
    expect(await other.claim(1)).toEqual([]);
    await letLeaseExpire();
    expect(await other.claim(1)).toEqual([{ ...item, attempt: 2 }]);
  });
});

describe('keeping a lease', () => {
  it('moves its end', async () => {
    const item = await claimed();
    await letLeaseExpire();
    expect(await source.heartbeat([item])).toEqual([]);
    expect(await other.claim(1)).toEqual([]);
  });

  it('returns what was lost to another worker, and keeps the rest', async () => {
    const lost = await claimed();
    await letLeaseExpire();
    const [again] = await other.claim(1);
    const mine = await claimed();
    expect(await source.heartbeat([lost, mine])).toEqual([lost]);
    expect(await other.heartbeat([again!])).toEqual([]);
    expect(await source.heartbeat([])).toEqual([]);
  });
});

describe('waiting', () => {
  it('lasts until somebody wakes it', async () => {
    const item = await claimed();
    expect(await source.finish(item, { kind: 'waiting', wake_at: null })).toBe(true);
    expect(await source.claim(1)).toEqual([]);
    await wake(item.execution_id);
    expect(await source.claim(1)).toEqual([{ ...item, attempt: 2 }]);
  });

  it('ends with the trace of who ended it, told to the next claim alone', async () => {
    const item = await claimed();
    await source.finish(item, { kind: 'waiting', wake_at: null });
    const parent = childOf(undefined);
    await inSpan({ service: 'executor', name: 'of a test', parent }, () => wake(item.execution_id));
    const [woken] = await source.claim(1);
    expect(woken).toEqual({ ...item, attempt: 2, woken_by: parent });
    await letLeaseExpire();
    expect(await source.claim(1)).toEqual([{ ...item, attempt: 3, woken_by: null }]);
  });

  it('a wake that comes while the item is still driven is not lost', async () => {
    const item = await claimed();
    await wake(item.execution_id);
    expect(await source.claim(1)).toEqual([]);
    await source.finish(item, { kind: 'waiting', wake_at: null });
    expect(await source.claim(1)).toEqual([{ ...item, attempt: 2 }]);
    await source.finish({ ...item, attempt: 2 }, { kind: 'waiting', wake_at: null });
    expect(await source.claim(1)).toEqual([]);
  });

  it('ends at its time, and not before', async () => {
    const [early, late] = [await claimed(), await claimed()];
    const [{ now }] = (await rows.asAdmin<{ now: Date }>(`SELECT clock_timestamp() AS now`)) as [{ now: Date }];
    await source.finish(early, { kind: 'waiting', wake_at: new Date(now.getTime() + 1_200) });
    await source.finish(late, { kind: 'waiting', wake_at: new Date(now.getTime() + 60_000) });
    expect(await source.claim(2)).toEqual([]);
    const items = await until('the early one is due', async () => {
      const found = await source.claim(2);
      return found.length > 0 && found;
    });
    expect(items).toEqual([{ ...early, attempt: 2 }]);
  });

  it('until a time that has passed does not spin', async () => {
    const item = await claimed();
    await source.finish(item, { kind: 'waiting', wake_at: new Date(0) });
    expect(await source.claim(1)).toEqual([]);
    await until('a second later it is due', async () => (await source.claim(1)).length > 0);
  });

  it('wakes the worker of the same process after the commit', async () => {
    let woken = 0;
    signal.listen(() => (woken += 1));
    const item = await claimed();
    expect(woken).toBe(1);
    await rows.database.inTeam(ctx, async (tx) => {
      await repository.wake(tx, item.execution_id);
      expect(woken).toBe(1);
    });
    expect(woken).toBe(2);
  });
});

describe('the end of a claim', () => {
  it('by an older attempt does nothing', async () => {
    const old = await claimed();
    await letLeaseExpire();
    const [current] = await other.claim(1);
    for (const end of [
      { kind: 'done' },
      { kind: 'waiting', wake_at: null },
      { kind: 'again', delay_ms: 0, failures: 9 },
    ] as const) {
      expect(await source.finish(old, end)).toBe(false);
    }
    expect(await state(old.execution_id)).toEqual({ state: 'leased', failures: 0 });
    expect(await other.finish(current!, { kind: 'done' })).toBe(true);
  });

  it('done is for good', async () => {
    const item = await claimed();
    await source.finish(item, { kind: 'done' });
    await wake(item.execution_id);
    await letLeaseExpire();
    expect(await source.claim(1)).toEqual([]);
    expect(await source.heartbeat([item])).toEqual([item]);
    expect(await state(item.execution_id)).toMatchObject({ state: 'done' });
  });

  it('to try again carries the failures, and comes after its delay', async () => {
    const item = await claimed();
    await source.finish(item, { kind: 'again', delay_ms: 0, failures: 3 });
    expect(await source.claim(1)).toEqual([{ ...item, attempt: 2, failures: 3 }]);
    await source.finish({ ...item, attempt: 2 }, { kind: 'again', delay_ms: 60_000, failures: 4 });
    expect(await source.claim(1)).toEqual([]);
  });

  it('to wait forgets the failures', async () => {
    const item = await claimed();
    await source.finish(item, { kind: 'again', delay_ms: 0, failures: 3 });
    const [again] = await source.claim(1);
    await source.finish(again!, { kind: 'waiting', wake_at: null });
    expect(await state(item.execution_id)).toEqual({ state: 'waiting', failures: 0 });
  });

  it("of another team's item is not possible", async () => {
    const item = await claimed();
    expect(await source.finish({ ...item, team: callContext().team }, { kind: 'done' })).toBe(false);
    expect(await state(item.execution_id)).toMatchObject({ state: 'leased' });
  });
});
