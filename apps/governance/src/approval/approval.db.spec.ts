import type { CallContext, governance } from '#contracts';
import { digestOf, uuidv7 } from '#kernel';
import { callContext, until } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  approver,
  type Desk,
  type House,
  IN_HISTORY,
  openDesk,
  openHouse,
  refusal,
  runContext,
} from '../../test/fixture.js';

let house: House;
let desk: Desk;
beforeAll(async () => {
  house = await openHouse();
  desk = openDesk(house);
});
afterAll(() => house.close());

describe('a vote', () => {
  it('of one approver completes a tier-2 approval and tells it once', async () => {
    const { id, action } = await desk.ask();
    const view = await desk.approve(desk.ada, id);
    const votes = [
      { by: desk.ada.principal, decision: 'approve', reason: null, at: expect.any(String), is_void: false },
    ];
    expect(view).toMatchObject({ id, status: 'approved', votes, arguments: action.arguments, risk: 0.3 });
    expect(await house.reader.get(desk.bob, id)).toEqual(view);
    const [, decided] = await house.factsOf(desk.run, id);
    const { execution_id, step, index, digest } = action;
    expect(decided).toMatchObject({
      version: 2,
      body: {
        approval_id: id,
        execution_id,
        step,
        index,
        digest,
        status: 'approved',
        by: [desk.ada.principal],
        reason: null,
      },
      context: { team: desk.team, principal: desk.ada.principal },
    });
    await expect(desk.approve(desk.bob, id)).rejects.toEqual(refusal('approval.not_pending'));
    expect(await desk.ends(id)).toEqual(['approved']);
    expect(house.shown.filter(({ approval_id }) => approval_id === id)).toEqual([
      { team: desk.team, approval_id: id, execution_id, status: 'approved' },
    ]);
  });

  it('against needs a reason and ends it', async () => {
    const { id } = await desk.ask();
    await expect(desk.reject(desk.ada, id)).rejects.toMatchObject({
      code: 'approval.reason_required',
      details: { errors: [{ path: '/reason' }] },
    });
    await expect(desk.reject(desk.ada, id, ' \n')).rejects.toEqual(refusal('approval.reason_required'));
    expect(await desk.statusOf(id)).toBe('pending');
    expect(await desk.reject(desk.ada, id, ' We still need it. \ud83d')).toMatchObject({ status: 'rejected' });
    const [, decided] = await house.factsOf(desk.run, id);
    expect(decided?.body).toMatchObject({
      status: 'rejected',
      by: [desk.ada.principal],
      reason: 'We still need it. \ufffd',
    });
    expect(await desk.ends(id)).toEqual(['rejected']);
  });

  it('is one of two different people where two are needed', async () => {
    const { id } = await desk.ask(IN_HISTORY);
    expect(await desk.approve(desk.ada, id)).toMatchObject({
      status: 'pending',
      approvers_needed: 2,
      decided_at: null,
    });
    expect(house.shown.filter(({ approval_id }) => approval_id === id)).toEqual([]);
    await expect(desk.approve(desk.ada, id)).rejects.toEqual(refusal('approval.already_voted'));
    await expect(desk.reject(desk.ada, id, 'on reflection')).rejects.toEqual(refusal('approval.already_voted'));
    expect(await desk.ends(id)).toEqual([]);
    expect(await desk.approve(desk.bob, id)).toMatchObject({ status: 'approved' });
    const [, voted, decided] = await house.factsOf(desk.run, id);
    expect(voted).toMatchObject({
      type: 'governance.approval.voted.v1',
      body: { approval_id: id, by: desk.ada.principal, approvals: 1, approvers_needed: 2 },
    });
    expect(decided?.body.by).toEqual([desk.ada.principal, desk.bob.principal]);
    expect(await desk.ends(id)).toEqual(['approved']);
  });

  it.each<[string, () => Partial<CallContext>, string]>([
    ['a viewer', () => ({ roles: ['viewer'] }), 'approval.role_missing'],
    ['an operator', () => ({ roles: ['operator'] }), 'approval.role_missing'],
    ['a service with every role', () => ({ ...desk.run, roles: ['admin', 'approver'] }), 'approval.role_missing'],
    [
      'an agent with every role',
      () => ({ principal: { kind: 'agent', id: 'tidy', name: 'tidy' }, roles: ['admin', 'approver'] }),
      'approval.role_missing',
    ],
    ['nobody in particular, in another team', () => ({ team: uuidv7() }), 'approval.not_found'],
  ])('of %s is refused and changes nothing', async (_name, given, code) => {
    const ctx = callContext({ team: desk.team, roles: ['approver'], ...given() });
    const { id } = await desk.ask();
    await expect(desk.approve(ctx, id)).rejects.toEqual(refusal(code));
    expect(await house.reader.get(desk.run, id)).toMatchObject({ status: 'pending', votes: [] });
    expect(await desk.ends(id)).toEqual([]);
  });

  it('of the requester, or of whoever is behind the run by whatever name, is refused', async () => {
    const own = await desk.ask({}, { ...desk.ada, roles: [] });
    await expect(desk.approve(desk.ada, own.id)).rejects.toEqual(refusal('approval.self_approval'));
    const { id, name } = desk.ada.principal;
    for (const by of [
      desk.ada.principal,
      { ...desk.ada.principal, id: name.toUpperCase(), name },
      { ...desk.ada.principal, name: id },
    ]) {
      const behind = await desk.ask({}, runContext(desk.team, by));
      await expect(desk.approve(desk.ada, behind.id)).rejects.toEqual(refusal('approval.self_approval'));
      expect(await desk.approve(desk.bob, behind.id)).toMatchObject({ status: 'approved' });
    }
  });

  it('after the deadline is refused, and the row is expired in the same breath', async () => {
    const { id } = await desk.ask();
    await house.setDeadline(desk.run, id, -0.001);
    await expect(desk.approve(desk.ada, id)).rejects.toEqual(refusal('approval.expired'));
    expect(await house.reader.get(desk.run, id)).toMatchObject({
      status: 'expired',
      votes: [],
      decided_at: expect.any(String),
    });
    await expect(desk.reject(desk.bob, id, 'no')).rejects.toEqual(refusal('approval.expired'));
    expect(await desk.ends(id)).toEqual(['expired']);
    const [, decided] = await house.factsOf(desk.run, id);
    expect(decided).toMatchObject({ body: { by: [] }, context: { principal: desk.run.principal, roles: [] } });
  });

  it('that waited for the row until the deadline had passed is late', async () => {
    const { id } = await desk.ask();
    const other = new pg.Client({ connectionString: house.adminUrl });
    await other.connect();
    const isTrue = async (sql: string): Promise<boolean> => (await other.query(`SELECT ${sql} AS it`)).rows[0].it;
    await other.query('BEGIN');
    await other.query(
      `UPDATE governance.approval SET expires_at = clock_timestamp() + interval '200 ms' WHERE id = '${id}'`,
    );
    const vote = desk.approve(desk.ada, id).catch((error: unknown) => error);
    await until('the vote waits for the row', () =>
      isTrue(`EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))`),
    );
    await until('the deadline has passed', () =>
      isTrue(`(SELECT expires_at < clock_timestamp() FROM governance.approval WHERE id = '${id}')`),
    );
    await other.query('COMMIT');
    await other.end();
    expect(await vote).toEqual(refusal('approval.expired'));
    expect(await desk.ends(id)).toEqual(['expired']);
  });

  it('sent twice at once under one key counts once, and both get its answer', async () => {
    const { id } = await desk.ask();
    const [holder, watcher] = [1, 2].map(() => new pg.Client({ connectionString: house.adminUrl })) as [
      pg.Client,
      pg.Client,
    ];
    await Promise.all([holder.connect(), watcher.connect()]);
    await holder.query('BEGIN');
    await holder.query(`SELECT FROM governance.approval WHERE id = '${id}' FOR UPDATE`);
    const once = { ...desk.ada, idempotency_key: 'twins' };
    const twins = [desk.approve(once, id), desk.approve(once, id)].map((vote) => vote.catch((error: unknown) => error));
    await until('both wait', async () => {
      const { rows } = await watcher.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length === 2;
    });
    await holder.query('COMMIT');
    await Promise.all([holder.end(), watcher.end()]);
    const [one, two] = await Promise.all(twins);
    expect(one).toMatchObject({ id, status: 'approved' });
    expect(two).toEqual(one);
    expect(await desk.ends(id)).toEqual(['approved']);
  });
});

describe('a list', () => {
  it('has pages, newest first, of one status if asked', async () => {
    const ctx = runContext(uuidv7());
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) ids.unshift((await desk.ask({}, ctx)).id);
    await house.approvals.decide(approver(ctx.team), { id: ids[2]!, decision: 'approve' });
    const first = await house.reader.list(ctx, { limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await house.reader.list(ctx, { limit: 3, cursor: first.next_cursor! });
    expect(second.items.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(second.items[0]?.votes).toHaveLength(1);
    expect(second.next_cursor).toBeNull();
    const pending = await house.reader.list(ctx, { status: 'pending' });
    expect(pending.items.map(({ id }) => id)).toEqual(ids.filter((_, i) => i !== 2));
    expect(() => house.reader.list(ctx, { cursor: 'x' })).toThrow(refusal('input.invalid'));
  });
});

describe('what a reader is told', () => {
  const diff = `--- a\n+++ a\n@@ -0,0 +1 @@\n+</script>\u001b[2K\u202e${'x'.repeat(30_000)}\n`;
  const preview: governance.ChangePreview[] = [
    { path: 'a', change: 'created', before: null, after: digestOf('x'), diff, note: 'A note.' },
  ];

  it('is what the action would change and what its run is to do; a list leaves the changes out', async () => {
    const ctx = runContext(uuidv7());
    const { id } = await desk.ask({ preview, task: 'Tidy up.' }, ctx);
    expect(await house.reader.get(ctx, id)).toMatchObject({ preview, task_description: 'Tidy up.' });
    const { items } = await house.reader.list(ctx, {});
    expect(items).toMatchObject([{ id, preview: null, task_description: 'Tidy up.' }]);
    const without = await desk.ask({}, ctx);
    expect(await house.reader.get(ctx, without.id)).toMatchObject({ preview: null, task_description: null });
  });

  it('stays what it was when the question is repeated after the workspace has changed', async () => {
    const { id, action } = await desk.ask({ preview });
    const again = await house.actions.decide(desk.run, { ...action, preview: [] });
    expect(again.approval_id).toBe(id);
    expect(await house.reader.get(desk.run, id)).toMatchObject({ preview });
  });

  it('is whether they can answer, and why not, in the words of the refusal', async () => {
    const { id } = await desk.ask(IN_HISTORY, { ...desk.ada, roles: [] });
    const eve = approver(desk.team);
    const operator: CallContext = { ...eve, roles: ['operator'] };
    const told = async (ctx: CallContext) => {
      const { can_decide, cannot_decide_because } = await house.reader.get(ctx, id);
      const listed = (await house.reader.list(ctx, {})).items.find((one) => one.id === id)!;
      expect(listed).toMatchObject({ can_decide, cannot_decide_because });
      return { can_decide, cannot_decide_because };
    };
    const can = { can_decide: true, cannot_decide_because: null };
    const because = (words: string) => ({ can_decide: false, cannot_decide_because: expect.stringContaining(words) });
    expect(await told(desk.bob)).toEqual(can);
    expect(await told(operator)).toEqual(because('role approver'));
    expect(await told(desk.run)).toEqual(because('role approver'));
    expect(await told(desk.ada)).toEqual(because('they asked for'));
    expect(await desk.approve(desk.bob, id)).toMatchObject(because('has decided already'));
    expect(await told(desk.bob)).toEqual(because('has decided already'));
    expect(await told(eve)).toEqual(can);
    await house.setDeadline(desk.run, id, -0.001);
    expect(await told(eve)).toEqual(because('deadline has passed'));
    await expect(desk.approve(eve, id)).rejects.toEqual(refusal('approval.expired'));
    expect(await told(eve)).toEqual(because('deadline has passed'));
    const other = await desk.ask();
    await desk.approve(desk.ada, other.id);
    expect(await house.reader.get(eve, other.id)).toMatchObject(because('already decided'));
  });

  it('can be about one run, page by page', async () => {
    const ctx = runContext(uuidv7());
    const execution_id = uuidv7();
    const ids: string[] = [];
    for (let step = 1; step <= 3; step += 1) {
      await desk.ask({}, ctx);
      ids.unshift((await desk.ask({ execution_id, step }, ctx)).id);
    }
    const first = await house.reader.list(ctx, { execution_id, limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await house.reader.list(ctx, { execution_id, limit: 2, cursor: first.next_cursor! });
    expect(second).toMatchObject({ items: [{ id: ids[2] }], next_cursor: null });
    await house.approvals.decide(approver(ctx.team), { id: ids[1]!, decision: 'approve' });
    const pending = await house.reader.list(ctx, { execution_id, status: 'pending' });
    expect(pending.items.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    expect((await house.reader.list(ctx, { execution_id: uuidv7() })).items).toEqual([]);
  });
});
