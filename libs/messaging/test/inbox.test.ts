import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { governance } from '#contracts';
import { FACTS_STREAM, Hears, Inbox, prepareStream } from '#messaging';
import type { Database } from '#persistence';
import { until } from '#testing';
import pg from 'pg';
import { Desk, Process } from './inbox.fixture.js';

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk.close());

const shuffled = <T>(items: T[]): T[] => {
  // A fixed sequence: a failure can be repeated.
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  return items
    .map((item) => [random(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
};

describe('a fact that lies on the stream twice', () => {
  it('acts once', async () => {
    const ids = await desk.write(3);
    await Process.start(desk);
    await desk.publish(...ids, ...ids);
    const [marker] = await desk.write(1);
    await desk.publish(marker!);
    await desk.allActed([marker!]);
    await desk.nothingPending();
    expect(desk.versions(ids)).toEqual([1, 2, 3]);
    expect(await desk.effects(ids)).toEqual([1, 1, 1]);
  });

  it('acts once, when two processes get it at once', async () => {
    const ids = (await Promise.all(Array.from({ length: 40 }, () => desk.write(1)))).flat();
    await Promise.all([Process.start(desk), Process.start(desk)]);
    await desk.listening(2);
    await desk.publish(...ids.flatMap((id) => [id, id]));
    await desk.allActed(ids);
    await desk.nothingPending();
    expect(await desk.effects(ids)).toEqual(ids.map(() => 1));
  });

  it('acts once, when its first effect was cut off in the middle', async () => {
    const ids = await desk.write(2);
    let cut = true;
    await Process.start(desk, async (_, tx) => {
      if (!cut) return;
      cut = false;
      await tx.query(`SELECT pg_terminate_backend(pg_backend_pid())`).catch(() => undefined);
      throw new Error('the connection is gone');
    });
    await desk.publish(...ids);
    await desk.allActed(ids);
    expect(desk.versions(ids)).toEqual([1, 2]);
    expect(await desk.effects(ids)).toEqual([1, 1]);
  });
});

describe('a fact that the database takes neither as done nor as postponed', () => {
  it('stays on the stream until it does', async () => {
    const ids = await desk.write(2);
    let refusals = 0;
    const refusing = (database: Database): Database =>
      Object.assign(Object.create(database) as Database, {
        inTeam: (ctx: { team: string }, work: never) =>
          refusals++ < 6 ? Promise.reject(new Error('the database is away')) : database.inTeam(ctx, work),
      });
    const process = await Process.start(desk, undefined, refusing);
    await desk.publish(...ids);
    await desk.allActed(ids);
    await desk.nothingPending();
    expect(process.errors).toHaveLength(3);
    expect(desk.versions(ids)).toEqual([1, 2]);
  });
});

describe('the order inside an aggregate', () => {
  it('is that of the versions, whatever the order on the stream', async () => {
    const ids = await desk.write(6);
    await Process.start(desk);
    await desk.publish(...ids.toReversed());
    await desk.allActed(ids);
    expect(desk.versions(ids)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('holds while one fact fails, and other aggregates do not wait', async () => {
    const ids = await desk.write(4);
    const others = await desk.write(3);
    const failing = new Set([ids[1]]);
    await Process.start(desk, ({ id }) => {
      if (failing.has(id)) throw new Error('the effect fails');
    });
    await desk.publish(...ids, ...others);
    await desk.allActed(others);
    expect(desk.versions(ids)).toEqual([1]);
    await desk.nothingPending();
    failing.clear();
    await desk.allActed(ids);
    expect(desk.versions(ids)).toEqual([1, 2, 3, 4]);
    expect(await desk.effects(ids)).toEqual([1, 1, 1, 1]);
  });

  it('holds over two processes that share the stream', async () => {
    const aggregates = await Promise.all(Array.from({ length: 8 }, () => desk.write(12)));
    const slow = async (version: number) => {
      for (let i = 0; i < (version % 3) * 3; i++) await new Promise(setImmediate);
    };
    const starting = [Process.start(desk, ({ version }) => slow(version)), Process.start(desk)];
    await Promise.all(starting);
    await desk.listening(2);
    await desk.publish(...shuffled(aggregates.flat()));
    await desk.allActed(aggregates.flat(), 20_000);
    for (const ids of aggregates) expect(desk.versions(ids)).toEqual(ids.map((_, i) => i + 1));
    expect(await desk.effects(aggregates.flat())).toEqual(aggregates.flat().map(() => 1));
    expect(desk.processes.map(({ heard }) => heard.length > 0)).toEqual([true, true]);
  });

  it('holds when one process fails a fact and the other has the next one', async () => {
    const [first, second] = (await desk.write(2)) as [string, string];
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    let failed = false;
    const act = async ({ id }: { id: string }) => {
      if (id !== first || failed) return;
      failed = true;
      await held;
      throw new Error('the effect fails');
    };
    await Process.start(desk, act);
    await desk.publish(first);
    await until('the first is being heard', () => failed);
    await Process.start(desk, act);
    await desk.publish(second);
    const { num_pending } = await until('the second is delivered', async () => {
      const info = await desk.consumer();
      return info.num_pending === 0 && info;
    });
    expect([num_pending, desk.versions([first, second])]).toEqual([0, []]);
    goOn();
    await desk.allActed([first, second]);
    expect(desk.versions([first, second])).toEqual([1, 2]);
  });
});

describe('a fact that comes while its predecessor is being committed', () => {
  it('acts right after it, and does not wait for a predecessor that nobody will settle again', async () => {
    const ids = (await desk.write(2)) as [string, string];
    const admin = new pg.Client({ connectionString: desk.publisher.platform.databaseUrl });
    await admin.connect();
    // The commit of whoever remembers a fact waits as long as the test holds the lock.
    await admin.query(`
      CREATE FUNCTION public.wait_for_test() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(42); RETURN NULL; END $$;
      GRANT USAGE ON SCHEMA public TO executor;
      CREATE CONSTRAINT TRIGGER held AFTER INSERT ON executor.inbox DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION public.wait_for_test();
      SELECT pg_advisory_lock(42)`);
    await Promise.all([Process.start(desk), Process.start(desk)]);
    await desk.listening(2);
    try {
      await desk.publish(ids[0]);
      await until('one process commits the first', () => waiting(1));
      await desk.publish(ids[1]);
      await until('the other looks at the second', async () => (await waiting(2)) || (await postponed(ids[1])));
    } finally {
      await admin.end();
    }
    await desk.allActed(ids);
    expect(desk.processes.map(({ heard }) => heard.length)).toEqual([1, 1]);
  });

  const waiting = async (count: number) => {
    const rows = await desk.asExecutor<unknown[]>(`SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'`);
    return rows.length === count;
  };
  const postponed = async (id: string) =>
    (await desk.asExecutor<unknown[]>(`SELECT FROM postponed_fact WHERE fact_id = $1`, [id])).length > 0;
});

describe('a fact whose predecessor nobody knows of', () => {
  const overdue = () =>
    desk.asExecutor(`UPDATE postponed_fact SET since = now() - interval '1 hour', due = now() RETURNING fact_id`);
  const postponed = (id: string) =>
    until(
      'it waits',
      async () => (await desk.asExecutor<unknown[]>(`SELECT FROM postponed_fact WHERE fact_id = $1`, [id])).length,
    );
  const lookedAtAgain = (id: string) =>
    until('it was looked at again', async () => {
      const [row] = await desk.asExecutor<{ later: boolean }[]>(
        `SELECT due > now() + interval '35 seconds' AS later FROM postponed_fact WHERE fact_id = $1`,
        [id],
      );
      return row?.later;
    });

  it('acts without it once it waited long enough', async () => {
    const [, second] = (await desk.write(2)) as [string, string];
    await Process.start(desk);
    await desk.publish(second);
    await postponed(second);
    expect(desk.versions([second])).toEqual([]);
    await until('it acts', async () => {
      await overdue();
      return desk.versions([second]).length === 1;
    });
  });

  it('waits on while there is more on the stream, among which the predecessor may be', async () => {
    const [first, second] = (await desk.write(2)) as [string, string];
    const [between] = (await desk.write(1)) as [string];
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await desk.publish(second, between, first);
    await Process.start(desk, ({ id }) => (id === between ? held : undefined));
    await postponed(second);
    await overdue();
    await lookedAtAgain(second);
    expect(desk.heard).toEqual([]);
    goOn();
    await desk.allActed([first, second]);
    expect(desk.versions([first, second])).toEqual([1, 2]);
  });

  it('waits on while the predecessor itself is being tried', async () => {
    const [first, second] = (await desk.write(2)) as [string, string];
    let fails = true;
    await Process.start(desk, ({ id }) => {
      if (id === first && fails) throw new Error('the effect fails');
    });
    await desk.publish(first, second);
    await postponed(second);
    await desk.asExecutor(`UPDATE postponed_fact SET due = now() + interval '1 hour' WHERE fact_id = $1`, [first]);
    await desk.asExecutor(
      `UPDATE postponed_fact SET since = now() - interval '1 hour', due = now() WHERE fact_id = $1`,
      [second],
    );
    await lookedAtAgain(second);
    expect(desk.heard).toEqual([]);
    fails = false;
    await desk.asExecutor(`UPDATE postponed_fact SET due = now() WHERE fact_id = $1`, [first]);
    await desk.allActed([first, second]);
    expect(desk.versions([first, second])).toEqual([1, 2]);
  });
});

describe('a stream that is dropped and made again', () => {
  it('is heard again by those who were listening', async () => {
    const process = await Process.start(desk);
    const ids = await desk.write(2);
    await desk.publish(ids[0]!);
    await desk.allActed([ids[0]!]);
    await desk.publisher.manager.streams.delete(FACTS_STREAM);
    await until('it is missed', () => process.errors.length > 0);
    await prepareStream(desk.publisher.bootstrap);
    await desk.publish(ids[1]!);
    await desk.allActed(ids, 15_000);
  });
});

describe('who hears what', () => {
  class Decided {
    @Hears(governance.approvalDecided)
    async decided(): Promise<void> {}
  }
  class Requested {
    @Hears(governance.approvalRequested)
    async requested(): Promise<void> {}
  }
  const inbox = (...consumers: object[]) => new Inbox('executor', {} as never, {} as never, consumers, () => undefined);

  it('a fact that the graph does not give the service is refused at start', () => {
    expect(() => inbox(new Requested())).toThrow('the graph of contracts does not say so');
  });

  it('a fact heard in two places is refused at start', () => {
    expect(() => inbox(new Decided(), new Decided())).toThrow('in two places');
  });
});
