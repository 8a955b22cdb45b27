import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CallContext } from '#contracts';
import { uuidv7, uuidv7At } from '#kernel';
import { callContext, until } from '#testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRun, writeLongRun } from '../../test/long-run.js';
import { openRows, type Rows } from '../../test/rows.js';
import { Sealer } from '../action/sealer.js';
import { ExecutionRepository } from '../execution/execution.repository.js';
import type { JournalEntry } from './journal.entry.js';
import { JournalRetentionWorker } from './journal-retention.worker.js';

const TABLES = ['execution', 'journal', 'step', 'action', 'hold', 'work'];
const executions = new ExecutionRepository();

let rows: Rows;
let home: string;
let sealer: Sealer;
beforeAll(async () => {
  rows = await openRows();
  home = mkdtempSync(join(tmpdir(), 'spectrace-retention-'));
  sealer = Sealer.open(join(home, 'key'));
});
afterAll(async () => {
  await rows.close();
  rmSync(home, { recursive: true });
});

const worker = (months = 12) => new JournalRetentionWorker(rows.database, { JOURNAL_RETENTION_MONTHS: months });

const monthsAgo = async (months: number): Promise<Date> => {
  const [{ now }] = (await rows.asAdmin<{ now: Date }>(`SELECT now() AS now`)) as [{ now: Date }];
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months));
};

/** A month of the past with its partition; `2015-03` by year and month, so that tests do not meet. */
const month = async (text: string): Promise<string> => {
  await rows.asAdmin(`SELECT executor.ensure_journal_partition($1::date)`, [`${text}-01`]);
  return text;
};

let serial = 0;
/** A run submitted in the middle of a month that did two steps. */
const runOf = async (text: string, end: { status?: string; finished_at?: Date } = {}, ctx = callContext()) => {
  const at = uuidv7At(Date.parse(`${text}-15T12:00:00Z`) + ++serial);
  const { id } = await writeLongRun({ ...rows, sealer }, ctx, { steps: 2, id: at.slice(0, 19) + uuidv7().slice(19) });
  await rows.asAdmin(`INSERT INTO executor.work (execution_id, team_id, state) VALUES ($1, $2, 'done')`, [
    id,
    ctx.team,
  ]);
  await rows.asAdmin(`UPDATE executor.execution SET status = $2, finished_at = $3 WHERE id = $1`, [
    id,
    end.status ?? 'succeeded',
    end.finished_at ?? new Date(`${text}-16T00:00:00Z`),
  ]);
  return { id, ctx };
};

/** Rows of a run by table, those left alone that have any. */
const rowsOf = async (id: string): Promise<Record<string, number>> => {
  const counts: [string, number][] = [];
  for (const table of TABLES) {
    const column = table === 'execution' ? 'id' : 'execution_id';
    const [found] = await rows.asAdmin<{ n: number }>(
      `SELECT count(*)::integer AS n FROM executor.${table} WHERE ${column} = $1`,
      [id],
    );
    if (found!.n > 0) counts.push([table, found!.n]);
  }
  return Object.fromEntries(counts);
};
const WHOLE = { execution: 1, journal: 18, step: 2, action: 2, hold: 2, work: 1 };

const partitions = async (): Promise<string[]> => {
  const found = await rows.asAdmin<{ name: string }>(
    `SELECT right(inhrelid::regclass::text, 7) AS name FROM pg_inherits WHERE inhparent = 'executor.journal'::regclass`,
  );
  return found.map(({ name }) => name.replace('_', '-'));
};

const drop = (text: string) =>
  rows.database.acrossTeams('partitions belong to no team', async (tx) => {
    const [{ dropped }] = await tx.query(`SELECT drop_journal_partition($1::date) AS dropped`, [`${text}-01`]);
    return dropped as boolean;
  });

describe('a month past the retention', () => {
  it('goes with every row of its runs, of every team; later ones stay whole', async () => {
    const old = await month('2015-03');
    const forgotten = [await runOf(old), await runOf(old), await runOf(old, { status: 'denied' })];
    const today = await runOf(new Date().toISOString().slice(0, 7));
    await worker().sweep();
    for (const { id, ctx } of forgotten) {
      expect(await rowsOf(id)).toEqual({});
      const get = rows.database.inTeam(ctx, (tx) => executions.get(tx, id));
      await expect(get).rejects.toMatchObject({ code: 'execution.not_found' });
    }
    expect(await partitions()).not.toContain(old);
    expect(await rowsOf(today.id)).toEqual(WHOLE);
  });

  it.each(['running', 'paused', 'submitted', 'verifying'])('stays whole while one run of it is %s', async (status) => {
    const old = await month('2015-04');
    const [ended, open] = [await runOf(old), await runOf(old, { status })];
    await worker().sweep();
    expect([await rowsOf(ended.id), await rowsOf(open.id)]).toEqual([WHOLE, WHOLE]);
    await rows.asAdmin(`UPDATE executor.execution SET status = 'failed' WHERE id = $1`, [open.id]);
    await worker().sweep();
    expect([await rowsOf(ended.id), await rowsOf(open.id)]).toEqual([{}, {}]);
    expect(await partitions()).not.toContain(old);
  });

  it('stays whole while a run of it ended less than the retention ago', async () => {
    const old = await month('2015-05');
    const { id } = await runOf(old, { finished_at: await monthsAgo(12) });
    await worker(12).sweep();
    expect(await rowsOf(id)).toEqual(WHOLE);
    await worker(11).sweep();
    expect(await rowsOf(id)).toEqual({});
  });

  it('begins after the whole months that are kept', async () => {
    const text = async (ago: number) => month((await monthsAgo(ago)).toISOString().slice(0, 7));
    const [kept, gone] = [await text(6), await text(7)];
    await worker(6).sweep();
    expect(await partitions()).toContain(kept);
    expect(await partitions()).not.toContain(gone);
  });

  it('goes when the service starts, unless everything is to be kept', async () => {
    const old = await month('2015-06');
    for (const [months, there] of [
      [0, true],
      [12, false],
    ] as const) {
      const started = worker(months);
      started.onApplicationBootstrap();
      await started.onApplicationShutdown();
      expect((await partitions()).includes(old)).toBe(there);
    }
  });
});

describe('at the same time', () => {
  it('two workers forget one month without an error', async () => {
    const old = await month('2015-07');
    const teams = [callContext(), callContext()];
    const runs = [];
    for (let i = 0; i < 50; i++) runs.push(await runOf(old, {}, teams[i % 2]));
    await Promise.all([worker().sweep(), worker().sweep()]);
    const left = await rows.asAdmin(`SELECT id FROM executor.execution WHERE id = ANY($1)`, [runs.map(({ id }) => id)]);
    expect(left).toEqual([]);
    expect(await partitions()).not.toContain(old);
  });

  it('a transaction that writes the journal is waited for, a long one not: the next round drops', async () => {
    const old = await month('2015-08');
    const ended = await runOf(old);
    const ctx = callContext();
    const run = await startRun({ ...rows, sealer }, ctx, uuidv7());
    const opened = Promise.withResolvers<void>();
    const swept = opened.promise.then(() => worker().sweep()).catch((error: unknown) => error);
    await run.commit([entry()], {}, async () => {
      opened.resolve();
      await swept;
    });
    expect(await swept).toMatchObject({ driverError: { code: '55P03' } });
    expect(await partitions()).toContain(old);
    expect(await rowsOf(ended.id)).toEqual({ journal: 18 });
    await worker().sweep();
    expect(await partitions()).not.toContain(old);
    expect(await rowsOf(run.execution.id)).toMatchObject({ journal: 1 });
  });

  it('appends of twenty runs go through, each without a gap', async () => {
    const old = ['2016-01', '2016-02', '2016-03', '2016-04', '2016-05', '2016-06'];
    for (const text of old) await runOf(await month(text));
    const ctx: CallContext = callContext();
    const runs = await Promise.all(Array.from({ length: 20 }, () => startRun({ ...rows, sealer }, ctx, uuidv7())));
    let sweeping = true;
    const swept = worker()
      .sweep()
      .finally(() => (sweeping = false));
    const written = await Promise.all(
      runs.map(async (run) => {
        let n = 0;
        for (; sweeping || n < 10; n++) await run.commit([entry()]);
        return n;
      }),
    );
    await swept;
    expect(await partitions()).not.toEqual(expect.arrayContaining([expect.stringMatching('2016')]));
    for (const [i, run] of runs.entries()) {
      const [found] = await rows.asAdmin(
        `SELECT count(*)::integer AS n, min(seq) AS first, max(seq) AS last FROM executor.journal WHERE execution_id = $1`,
        [run.execution.id],
      );
      expect(found).toEqual({ n: written[i], first: 1, last: written[i] });
    }
  });

  it('two processes that make one partition get one', async () => {
    const ensure = (then?: () => Promise<unknown>) =>
      rows.database.acrossTeams('partitions belong to no team', async (tx) => {
        await tx.query(`SELECT ensure_journal_partition('2017-01-01')`);
        await then?.();
      });
    const opened = Promise.withResolvers<void>();
    const second = opened.promise.then(() => ensure());
    await ensure(() => {
      opened.resolve();
      return until('the second waits', async () => {
        const waiting = await rows.asAdmin(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
        return waiting.length > 0;
      });
    });
    await second;
    expect((await partitions()).filter((name) => name === '2017-01')).toHaveLength(1);
  });
});

describe('the function that drops', () => {
  it('refuses the months that runs are still submitted in', async () => {
    for (const ago of [-1, 0, 1]) {
      const text = await month((await monthsAgo(ago)).toISOString().slice(0, 7));
      await expect(drop(text)).rejects.toThrow('is in use');
      expect(await partitions()).toContain(text);
    }
  });

  it('refuses a month of which an execution is left, ended or not, of whatever team', async () => {
    const old = await month('2015-09');
    const { id } = await runOf(old);
    await expect(drop(old)).rejects.toThrow('there are executions');
    expect(await rowsOf(id)).toEqual(WHOLE);
    await worker().sweep();
  });

  it('leaves alone what only has the name of a partition, and says so of what is not there', async () => {
    await rows.asAdmin(`CREATE TABLE executor.journal_2015_10 (precious integer)`);
    expect(await drop('2015-10')).toBe(false);
    expect(await rows.asAdmin(`SELECT * FROM executor.journal_2015_10`)).toEqual([]);
    expect(await drop('2015-11')).toBe(false);
  });

  it('cannot be called from inside a team', async () => {
    const old = await month('2015-12');
    const call = rows.database.inTeam(callContext(), (tx) => tx.query(`SELECT drop_journal_partition('2015-12-01')`));
    await expect(call).rejects.toThrow('permission denied');
    expect(await partitions()).toContain(old);
  });
});

it('a row of the journal can be neither changed nor taken out by the service', async () => {
  const { id, ctx } = await runOf(new Date().toISOString().slice(0, 7));
  for (const sql of [`UPDATE journal SET body = '{}'`, `DELETE FROM journal`, `TRUNCATE journal`]) {
    await expect(rows.database.inTeam(ctx, (tx) => tx.query(sql))).rejects.toThrow('permission denied');
    await expect(rows.database.acrossTeams('planted', (tx) => tx.query(sql))).rejects.toThrow('permission denied');
  }
  expect(await rowsOf(id)).toEqual(WHOLE);
});

const entry = (): JournalEntry => ({ kind: 'execution.resumed', body: { status: 'running' } });
