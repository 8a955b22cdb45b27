import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { governance, replayFacts } from '#contracts';
import { uuidv7 } from '#kernel';
import { Bus, FactControl, FactRetention, FACTS_STREAM, KEPT_DAYS, replayTo, STREAM_DAYS } from '#messaging';
import { until } from '#testing';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Desk, Process } from './inbox.fixture.js';

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk.close());

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

describe('a consumer that was away longer than the stream keeps', () => {
  /** Facts of three aggregates, sent `days` ago and gone from the stream; the publisher runs. */
  const longAgo = async (days: number): Promise<string[][]> => {
    const { publisher } = desk;
    const aggregates = [await desk.write(3), await desk.write(4), await desk.write(1)];
    const relay = publisher.relay();
    await relay.sweep();
    await publisher.asAllTeams(`UPDATE fact SET at = $1::timestamptz + position * interval '1 s', sent_at = $1`, [
      daysAgo(days),
    ]);
    await publisher.manager.streams.purge(FACTS_STREAM);
    new FactControl('governance', publisher.connection, publisher.database).start();
    await publisher.connection.flush();
    relay.start();
    return aggregates;
  };
  const replay = (since: string) => replayTo(desk.operator, 'executor', since);

  it('hears them when they are replayed, in order, and a second replay does nothing', async () => {
    const aggregates = await longAgo(20);
    await Process.start(desk);
    const [marker] = await desk.write(1);
    await desk.allActed([marker!]);
    expect(desk.heard).toHaveLength(1);

    expect(await replay(daysAgo(30))).toEqual({ governance: 9 });
    await desk.allActed(aggregates.flat());
    for (const ids of aggregates) expect(desk.versions(ids)).toEqual(ids.map((_, i) => i + 1));

    expect(await replay(daysAgo(30))).toEqual({ governance: 9 });
    await until('they went out again', async () => (await desk.publisher.unsent()).length === 0);
    await desk.nothingPending();
    expect(await desk.effects([...aggregates.flat(), marker!])).toEqual(Array(9).fill(1));
  });

  it('and heard the newest facts before the replay: they act after the older ones', async () => {
    const { publisher } = desk;
    const aggregate = uuidv7();
    const old = await desk.write(2, aggregate);
    await longAgo(20);
    const [newest] = (await desk.write(1, aggregate)) as [string];
    await Process.start(desk);
    await until('the newest waits', async () => {
      const rows = await desk.asExecutor<{ fact_id: string }[]>(`SELECT fact_id FROM postponed_fact`);
      return rows.some(({ fact_id }) => fact_id === newest);
    });
    await replay(daysAgo(30));
    await desk.allActed([...old, newest]);
    expect(desk.versions([...old, newest])).toEqual([1, 2, 3]);
    expect(await publisher.unsent()).toEqual([]);
  });

  it('is told what was written since, and of the types it hears', async () => {
    await longAgo(20);
    const [recent] = await desk.write(1);
    expect(await replay(daysAgo(1))).toEqual({ governance: 0 });
    await until('it is sent', async () => !(await desk.publisher.unsent()).includes(recent!));
    expect(await replay(daysAgo(1))).toEqual({ governance: 1 });
    const none = new Bus(desk.operator).call(desk.ctx, replayFacts('governance'), {
      since: daysAgo(30),
      types: [governance.approvalRequested.subject],
    });
    expect(await none).toEqual({ facts: 0 });
  });

  it('learns that a publisher is down', async () => {
    await expect(replay(daysAgo(30))).rejects.toMatchObject({ code: 'service.unavailable' });
  });

  it('is not served a date that is none', async () => {
    await longAgo(20);
    await expect(replay('yesterday')).rejects.toMatchObject({ code: 'input.invalid' });
    expect(await desk.publisher.unsent()).toEqual([]);
  });
});

describe('the command `facts`', () => {
  const facts = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['scripts/facts.mjs', ...args], {
      env: {
        PATH: process.env.PATH,
        NATS_URL: desk.publisher.platform.natsUrl,
        SPECTRACE_HOME: desk.publisher.platform.home,
      },
    }).then(
      ({ stdout }) => ({ stdout, code: 0 }),
      (error: { code: number; stderr: string }) => ({ stderr: error.stderr, code: error.code }),
    );

  it('replays, and says how many', async () => {
    const { publisher } = desk;
    await desk.write(3);
    await publisher.relay().sweep();
    new FactControl('governance', publisher.connection, publisher.database).start();
    await publisher.connection.flush();
    expect(await facts('replay', '--service', 'executor', '--since', daysAgo(1))).toEqual({
      stdout: 'governance: 3 facts are sent again\n',
      code: 0,
    });
    expect(await publisher.unsent()).toHaveLength(3);
  });

  it('says which publisher is down', async () => {
    expect(await facts('replay', '--service', 'executor', '--since', daysAgo(1))).toEqual({
      stderr: 'The governance service is not available.\n',
      code: 1,
    });
  });

  it('says what is wrong with a date that is none', async () => {
    const { publisher } = desk;
    new FactControl('governance', publisher.connection, publisher.database).start();
    await publisher.connection.flush();
    expect(await facts('replay', '--service', 'executor', '--since', 'yesterday')).toEqual({
      stderr: expect.stringMatching(/\/since .+\n$/),
      code: 1,
    });
  });

  it.each([[['replay', '--service', 'executor']], [['replay', '--service', 'nobody', '--since', 'x']]])(
    'explains itself: %j',
    async (args) => {
      expect(await facts(...args)).toMatchObject({ stderr: expect.stringContaining('usage:'), code: 1 });
    },
  );
});

describe('rows past their time', () => {
  const age = (table: string, days: number) => `UPDATE ${table} SET at = now() - interval '${days} days' RETURNING 1`;
  const count = async (table: string) => {
    const [row] = await desk.asExecutor<{ n: number }[]>(`SELECT count(*)::integer AS n FROM ${table}`);
    return row!.n;
  };
  const sweep = async () => {
    const retention = new FactRetention(desk.processes[0]!.database, (error) => expect(error).toBeNull());
    await retention.sweep();
  };

  it.each(Object.entries(KEPT_DAYS))(
    'of %s go after %i days, of every team, and not a day before',
    async (table, days) => {
      const { database } = await Process.start(desk);
      await database.acrossTeams('rows of two teams', async (tx) => {
        for (let i = 0; i < 2; i++) {
          const [id, team] = [uuidv7(), uuidv7()];
          await tx.query(
            `INSERT INTO fact (id, team_id, aggregate_id, version, type, body, context, stream_seq)
           VALUES ($1, $2, $1, 1, 't', '{}', '{}', 1)`,
            [id, team],
          );
          await tx.query(`INSERT INTO inbox (fact_id, team_id) VALUES ($1, $2)`, [id, team]);
          await tx.query(`INSERT INTO dead_letter VALUES ($1, $2, 't', '{}', '{}')`, [id, team]);
          await tx.query(`INSERT INTO request VALUES ($2, $1, 'd', '{}')`, [id, team]);
        }
      });
      await desk.asExecutor(age(table, days - 1));
      await sweep();
      expect(await count(table)).toBe(2);
      await desk.asExecutor(age(table, days + 1));
      await sweep();
      const left = await Promise.all(Object.keys(KEPT_DAYS).map(count));
      expect(left).toEqual(Object.keys(KEPT_DAYS).map((one) => (one === table ? 0 : 2)));
    },
  );

  it('stay when they are facts that were never sent', async () => {
    await desk.write(1);
    const { database } = desk.publisher;
    await desk.publisher.asAllTeams(age('fact', 400));
    await new FactRetention(database, () => undefined).sweep();
    expect(await desk.publisher.unsent()).toHaveLength(1);
  });

  it('of more than one batch all go', async () => {
    const { database } = await Process.start(desk);
    await database.acrossTeams('many rows', (tx) =>
      tx.query(
        `INSERT INTO inbox SELECT gen_random_uuid(), gen_random_uuid(), '2020-01-01' FROM generate_series(1, 2500)`,
      ),
    );
    await sweep();
    expect(await count('inbox')).toBe(0);
  });

  it('a fact is known to the inbox for as long as it may be sent again', () => {
    expect(KEPT_DAYS.inbox).toBeGreaterThan(KEPT_DAYS.fact + STREAM_DAYS);
  });
});
