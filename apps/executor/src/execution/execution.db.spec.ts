import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallContext, executor } from '#contracts';
import { callContext, person } from '#testing';
import { insertExecution, openRows, type Rows } from '../../test/rows.js';
import { WorkRepository, WorkSignal } from '../work/work.repository.js';
import type { Execution } from './execution.entity.js';
import { ExecutionRepository } from './execution.repository.js';
import { ExecutionService } from './execution.service.js';
import { RequestService } from './request.service.js';

let rows: Rows;
let service: ExecutionService;
let requests: RequestService;
let work: WorkRepository;
beforeAll(async () => {
  rows = await openRows();
  work = new WorkRepository(new WorkSignal());
  const executions = new ExecutionRepository();
  service = new ExecutionService(rows.database, executions, rows.journal);
  requests = new RequestService(rows.database, executions, rows.journal, work);
});
afterAll(() => rows.close());

let ctx: CallContext;
beforeEach(() => {
  ctx = callContext();
});
const insert = async (given: Partial<Execution> = {}): Promise<string> => {
  const id = await insertExecution(rows.database, ctx, given);
  await rows.database.inTeam(ctx, (tx) => work.create(tx, ctx.team, id));
  return id;
};
const frames = async (id: string) => (await service.frames(ctx, { execution_id: id })).items;

describe('a request of people', () => {
  it.each(['pause', 'cancel', 'rollback'] as const)('to %s, made by many at once, is taken once', async (request) => {
    const id = await insert();
    const views = await Promise.all([1, 2, 3, 4].map(() => requests.ask(ctx, request, { execution_id: id })));
    expect(new Set(views.map((view) => JSON.stringify(view))).size).toBe(1);
    expect((await frames(id)).map(({ kind }) => kind)).toEqual([`execution.${request}_requested`]);
  });

  it('is written down with who made it and why, redacted', async () => {
    const id = await insert({ status: 'running' });
    const by = person('ann');
    const reason = 'somebody@example.org says so';
    await requests.ask({ ...ctx, principal: by }, 'cancel', { execution_id: id, reason });
    expect(await frames(id)).toMatchObject([{ by, reason: '[redacted:email] says so', status: 'running' }]);
  });

  it('that is refused writes nothing and wakes nobody', async () => {
    const id = await insert({ status: 'succeeded' });
    await rows.asAdmin(`UPDATE executor.work SET state = 'done' WHERE execution_id = $1`, [id]);
    await expect(requests.ask(ctx, 'rollback', { execution_id: id })).rejects.toMatchObject({
      code: 'execution.nothing_to_undo',
    });
    expect(await frames(id)).toEqual([]);
    const [found] = await rows.asAdmin(`SELECT state, woken FROM executor.work WHERE execution_id = $1`, [id]);
    expect(found).toEqual({ state: 'done', woken: false });
  });

  it.each([
    ['done', 'ready'],
    ['leased', 'leased'],
  ])('to roll back a run whose work is %s has it driven again', async (before, after) => {
    const id = await insert({ status: 'succeeded', undoable: true });
    await rows.asAdmin(`UPDATE executor.work SET state = $2, failures = 3 WHERE execution_id = $1`, [id, before]);
    expect((await requests.ask(ctx, 'rollback', { execution_id: id })).status).toBe('verifying');
    const [found] = await rows.asAdmin(`SELECT state, woken, failures FROM executor.work WHERE execution_id = $1`, [
      id,
    ]);
    expect(found).toEqual({ state: after, woken: true, failures: 0 });
  });

  it('is not shown to, nor taken from, another team', async () => {
    const id = await insert();
    await expect(requests.ask(callContext(), 'pause', { execution_id: id })).rejects.toMatchObject({
      code: 'execution.not_found',
    });
  });
});

describe('the list of runs', () => {
  const listed = async (wanted: executor.ListExecutions): Promise<string[]> =>
    (await service.list(ctx, wanted)).items.map(({ task_description }) => task_description);
  const add = (task_description: string, given: Partial<Execution> = {}) => insert({ task_description, ...given });

  it('is filtered by status, one or several, by phase, and by both', async () => {
    for (const status of ['queued', 'running', 'failed', 'cancelled', 'succeeded'] as const)
      await add(status, { status });
    expect(await listed({})).toEqual(['succeeded', 'cancelled', 'failed', 'running', 'queued']);
    expect(await listed({ status: 'failed' })).toEqual(['failed']);
    expect(await listed({ status: 'queued,failed' })).toEqual(['failed', 'queued']);
    expect(await listed({ phase: 'running' })).toEqual(['running', 'queued']);
    expect(await listed({ phase: 'completed' })).toEqual(['succeeded', 'cancelled', 'failed']);
    expect(await listed({ phase: 'completed', status: 'running,failed' })).toEqual(['failed']);
    expect(await listed({ phase: 'completed', status: 'running' })).toEqual([]);
  });

  it('is searched in tasks and agents whatever their case, and by how an id begins', async () => {
    const id = await add('Delete 100% of CACHE_files', { agent_id: 'tidy' });
    await add('Übung macht den Meister', { agent_id: 'other' });
    expect(await listed({ q: 'cache' })).toEqual(['Delete 100% of CACHE_files']);
    expect(await listed({ q: 'ÜBUNG' })).toEqual(['Übung macht den Meister']);
    expect(await listed({ q: 'TID' })).toEqual(['Delete 100% of CACHE_files']);
    expect(await listed({ q: '100%' })).toEqual(['Delete 100% of CACHE_files']);
    expect(await listed({ q: 'e_f' })).toEqual(['Delete 100% of CACHE_files']);
    expect(await listed({ q: '%' })).toEqual(['Delete 100% of CACHE_files']);
    expect(await listed({ q: '___' })).toEqual([]);
    expect(await listed({ q: id.toUpperCase() })).toEqual(['Delete 100% of CACHE_files']);
    expect(await listed({ q: id.slice(1) })).toEqual([]);
    expect(await listed({ agent_id: 'tidy' })).toEqual(['Delete 100% of CACHE_files']);
    expect(await listed({ agent_id: 'tid' })).toEqual([]);
    expect(await listed({ agent_id: 'other', q: 'cache' })).toEqual([]);
  });

  it('goes on page by page under the same filters', async () => {
    for (const n of [1, 2, 3, 4]) await add(`even ${n}`, { status: n % 2 ? 'failed' : 'succeeded' });
    const first = await service.list(ctx, { limit: 1, status: 'succeeded', q: 'even' });
    expect(first.items.map(({ task_description }) => task_description)).toEqual(['even 4']);
    const rest = await listed({ cursor: first.next_cursor!, status: 'succeeded', q: 'even' });
    expect(rest).toEqual(['even 2']);
  });

  it('looks through ten thousand runs a page, and goes on behind them', async () => {
    const wanted = await add('wanted');
    await rows.asAdmin(
      `INSERT INTO executor.execution (id, team_id, status, agent_id, agent_type, task_description, max_steps, principal, on_behalf_of)
       SELECT uuidv7(interval '1 day' + interval '1 second' * n), team_id, status, agent_id, agent_type, 'other', 10, principal, on_behalf_of
       FROM executor.execution, generate_series(1, 10000) AS n WHERE id = $1`,
      [wanted],
    );
    const first = await service.list(ctx, { q: 'wanted' });
    expect(first.items).toEqual([]);
    const second = await service.list(ctx, { q: 'wanted', cursor: first.next_cursor! });
    expect([second.items.map(({ id }) => id), second.next_cursor]).toEqual([[wanted], null]);
  });

  it('shows nothing of another team', async () => {
    await add('ours');
    ctx = callContext();
    expect(await listed({ q: 'ours' })).toEqual([]);
  });
});
