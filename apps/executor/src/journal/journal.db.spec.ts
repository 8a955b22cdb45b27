import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallContext } from '#contracts';
import { isAppError, uuidv7At } from '#kernel';
import { callContext } from '#testing';
import { insertExecution, openRows, type Rows } from '../../test/rows.js';
import type { ExecutionPatch } from './journal.js';
import type { JournalEntry } from './journal.entry.js';

const entry = (status: 'queued' | 'running' | 'submitted' = 'submitted'): JournalEntry => ({
  kind: 'execution.decided',
  body: { status },
});

let rows: Rows;
beforeAll(async () => {
  rows = await openRows();
});
afterAll(() => rows.close());

let ctx: CallContext;
let id: string;
beforeEach(async () => {
  ctx = callContext();
  id = await insertExecution(rows.database, ctx);
  rows.shown.length = 0;
});

const append = (epoch: number | null, entries = [entry()], patch: ExecutionPatch = {}, then?: () => void) =>
  rows.database.inTeam(ctx, async (tx) => {
    const execution = await rows.journal.append(tx, { team: ctx.team, execution_id: id, epoch }, entries, patch);
    then?.();
    return execution;
  });
const journal = () => rows.database.inTeam(ctx, (tx) => rows.journal.read(tx, id, 0, 1_000));
const seqs = async () => (await journal()).map(({ seq }) => seq);
const oneTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const execution = async () =>
  (await rows.asAdmin<Record<string, unknown>>(`SELECT * FROM executor.execution WHERE id = $1`, [id]))[0]!;

describe('appending', () => {
  it('fifty writers at once leave no gap and no row twice', async () => {
    await Promise.all(oneTo(50).map((n) => append(n % 2 ? null : 1, Array(1 + (n % 3)).fill(entry()))));
    const total = (await execution()).last_seq as number;
    expect(total).toBe(oneTo(50).reduce((sum, n) => sum + 1 + (n % 3), 0));
    expect(await seqs()).toEqual(oneTo(total));
    expect(rows.shown.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(oneTo(total));
  });

  it('the rows of one append stand in their order and are shown after the commit', async () => {
    await append(1, [entry(), entry('queued'), entry('running')], {}, () => expect(rows.shown).toEqual([]));
    const bodies = (await journal()).map(({ body }) => body);
    expect(bodies).toEqual([{ status: 'submitted' }, { status: 'queued' }, { status: 'running' }]);
    expect(rows.shown.map(({ seq, status }) => [seq, status])).toEqual([
      [1, 'submitted'],
      [2, 'queued'],
      [3, 'running'],
    ]);
  });

  it('rows and projection are one transaction: neither is there when it fails', async () => {
    const failed = append(3, [entry()], { status: 'queued', risk_score: 0.5 }, () => {
      throw new Error('after the rows were written');
    });
    await expect(failed).rejects.toThrow('after the rows were written');
    expect(await seqs()).toEqual([]);
    expect(rows.shown).toEqual([]);
    expect(await execution()).toMatchObject({ status: 'submitted', last_seq: 0, epoch: 0, risk_score: 0 });
  });

  it('changes the projection with the rows and returns it as it is then', async () => {
    const failure = { code: 'x.y', message: 'ü' };
    const spec_violations = [{ spec_id: 's', severity: 'low', sentence: 'x', steps: [1] }];
    const patch = {
      status: 'queued' as const,
      failure,
      spec_violations,
      analyser_state: { seen: [1] },
      prediction: null,
    };
    const after = await append(2, [entry('queued')], patch);
    expect(after).toMatchObject({ ...patch, last_seq: 1, epoch: 2, started_at: null });
    expect(await execution()).toMatchObject({ ...patch, last_seq: 1, epoch: 2 });
    expect((await append(2, [entry('running')], { status: 'running' })).started_at).toBeInstanceOf(Date);
  });
});

describe('a writer whose attempt is no longer the newest', () => {
  it('is fenced and writes nothing', async () => {
    await append(2);
    await expect(append(1, [entry()], { risk_score: 1 })).rejects.toMatchObject({ code: 'execution.fenced' });
    expect(await seqs()).toEqual([1]);
    expect(await execution()).toMatchObject({ epoch: 2, risk_score: 0 });
  });

  it('is fenced as soon as the next one has taken the execution, before that one writes anything', async () => {
    const take = (epoch: number) =>
      rows.database.inTeam(ctx, (tx) => rows.journal.take(tx, { team: ctx.team, execution_id: id, epoch }));
    expect(await take(5)).toMatchObject({ id, epoch: 5, status: 'submitted' });
    await expect(append(4)).rejects.toMatchObject({ code: 'execution.fenced' });
    await expect(take(4)).rejects.toMatchObject({ code: 'execution.fenced' });
    await expect(append(5)).resolves.toMatchObject({ last_seq: 1 });
  });

  it('cannot be made newer by somebody outside the run', async () => {
    await append(7);
    expect(await append(null)).toMatchObject({ epoch: 7, last_seq: 2 });
    expect(await append(8)).toMatchObject({ epoch: 8 });
  });
});

describe('a change of status', () => {
  it('is made by one of many that race for it', async () => {
    const results = await Promise.allSettled(oneTo(8).map(() => append(1, [entry('queued')], { status: 'queued' })));
    const lost = results
      .filter((result) => result.status === 'rejected')
      .map(({ reason }) => isAppError(reason) && reason.code);
    expect(lost).toEqual(Array(7).fill('execution.moved_on'));
    expect(await seqs()).toEqual([1]);
  });

  it('that the table does not know is refused', async () => {
    await expect(append(1, [entry('running')], { status: 'running' })).rejects.toMatchObject({
      code: 'execution.moved_on',
    });
    expect(await execution()).toMatchObject({ status: 'submitted', last_seq: 0 });
  });

  it('is refused after the end, and so is every other row', async () => {
    await append(1, [entry()], { status: 'denied' });
    await expect(append(1, [entry()], { status: 'cancelled' })).rejects.toMatchObject({ code: 'execution.moved_on' });
    await expect(append(null, [entry()], { cancel_requested: true })).rejects.toMatchObject({
      code: 'execution.moved_on',
    });
    expect(await execution()).toMatchObject({ last_seq: 1, cancel_requested: false });
  });
});

describe('reading', () => {
  it('goes on after a sequence number, a page at a time', async () => {
    await append(1, Array(5).fill(entry()));
    const page = (after: number, limit: number) =>
      rows.database.inTeam(ctx, (tx) => rows.journal.read(tx, id, after, limit));
    expect((await page(1, 2)).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(await page(5, 2)).toEqual([]);
  });

  it('shows nothing of another team, by the journal or by a partition', async () => {
    await append(1);
    const partitions = await rows.asAdmin<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'executor.journal'::regclass`,
    );
    const other = callContext();
    const count = (who: CallContext, table: string) =>
      rows.database.inTeam(who, async (tx) => Number((await tx.query(`SELECT count(*) FROM ${table}`))[0].count));
    expect(await count(other, 'journal')).toBe(0);
    expect(await count(ctx, 'journal')).toBe(1);
    for (const { name } of partitions)
      expect([name, await count(other, name), await count(ctx, name)]).toEqual([name, 0, 0]);
    const write = rows.database.inTeam(other, (tx) =>
      tx.query(`INSERT INTO journal (execution_id, seq, team_id, kind, body) VALUES ($1, 9, $2, 'x', '{}')`, [
        id,
        ctx.team,
      ]),
    );
    await expect(write).rejects.toThrow('row-level security');
  });
});

describe('partitions', () => {
  it('of this month and the coming two are there, bounded by the months in UTC', async () => {
    const [{ now }] = (await rows.asAdmin<{ now: Date }>(`SELECT now() AS now`)) as [{ now: Date }];
    for (const ahead of [0, 1, 2]) {
      const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead);
      const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1);
      const month = new Date(first).toISOString().slice(0, 7).replace('-', '_');
      for (const at of [first, next - 1]) {
        const [row] = await rows.asAdmin<{ name: string }>(
          `INSERT INTO executor.journal (execution_id, seq, team_id, kind, body) VALUES ($1, 1, $2, 'x', '{}')
           RETURNING tableoid::regclass::text AS name`,
          [uuidv7At(at), ctx.team],
        );
        expect(row!.name).toBe(`executor.journal_${month}`);
      }
    }
  });

  it('are made once more without harm, by the service itself and in any time zone', async () => {
    const ensure = (zone: string, month: string) =>
      rows.database.acrossTeams('partitions belong to no team', async (tx) => {
        await tx.query(`SET LOCAL TIME ZONE '${zone}'`);
        await tx.query(`SELECT ensure_journal_partition($1::date)`, [month]);
      });
    await ensure('Pacific/Auckland', '2031-03-01');
    await ensure('America/Los_Angeles', '2031-03-31');
    await ensure('America/Los_Angeles', '2031-04-01');
    const bounds = await rows.asAdmin<{ bound: string }>(
      `SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class WHERE relname IN ('journal_2031_03', 'journal_2031_04') ORDER BY relname`,
    );
    const at = (month: number) => uuidv7At(Date.UTC(2031, month)).slice(0, 13);
    expect(bounds).toEqual([
      { bound: expect.stringMatching(new RegExp(`'${at(2)}.*'${at(3)}`)) },
      { bound: expect.stringMatching(new RegExp(`'${at(3)}.*'${at(4)}`)) },
    ]);
  });
});
