import type { CallContext, governance } from '#contracts';
import { digestOf, uuidv7 } from '#kernel';
import { person } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  approver,
  deletion,
  type Desk,
  type House,
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

/** The same action with another path. */
const editOf = (action: governance.DecideAction, path: string, changed: object = {}): governance.DecideAction => ({
  ...action,
  ...deletion({ paths: [path] }),
  execution_id: action.execution_id,
  step: action.step,
  preview: [{ path, change: 'deleted', before: digestOf(path), after: null, diff: null, note: null }],
  ...changed,
});
const edit = (ctx: CallContext, id: string, action: governance.DecideAction, path: string, seen = action.digest) =>
  house.approvals.edit(ctx, {
    id,
    digest: seen,
    arguments: { path },
    reason: 'narrower',
    request: editOf(action, path),
  });
const factsOf = async (id: string) => (await house.factsOf(desk.run, id)).map(({ type }) => type.split('.')[2]);

describe('an action of an agent elsewhere', () => {
  it('is not edited: refused with a sentence, and its question stays as it was', async () => {
    const { id, action } = await desk.ask({ agent_version: 'external', held: false, sandbox: 'none' });
    const said = { id, digest: action.digest, arguments: { path: 'data/orders.db' } };
    for (const request of [null, editOf(action, 'data/orders.db')]) {
      await expect(house.approvals.edit(desk.ada, { ...said, request })).rejects.toMatchObject({
        code: 'approval.not_editable',
        message: expect.stringContaining('runs elsewhere and would not be told'),
      });
    }
    expect(await house.reader.get(desk.ada, id)).toMatchObject({
      ...{ status: 'pending', digest: action.digest, edits: [], votes: [], runs_elsewhere: true },
    });
  });

  it('is marked as one; an action of a run here is not', async () => {
    const { id } = await desk.ask();
    expect(await house.reader.get(desk.ada, id)).toMatchObject({ runs_elsewhere: false });
  });
});

describe('a digest that is not the one there is', () => {
  it('is said to be just that, of an action nobody has edited', async () => {
    const { id, action } = await desk.ask();
    const vote = (digest: string) => house.approvals.decide(desk.ada, { id, decision: 'approve', digest });
    await expect(vote(digestOf('another'))).rejects.toMatchObject({
      code: 'approval.edited',
      message: 'The digest is not that of the action there is; look at it as it is.',
      details: { digest: action.digest },
    });
  });
});

describe('an edit of the arguments', () => {
  it('is approved as the reviewer’s, with who, before and after, and told once', async () => {
    const { id, action } = await desk.ask();
    const path = 'data/orders.db';
    const view = await edit(desk.ada, id, action, path);
    const edited = editOf(action, path);
    expect(view).toMatchObject({
      status: 'approved',
      digest: edited.digest,
      arguments: { path },
      preview: edited.preview,
      edited_by: desk.ada.principal,
      edits: [
        {
          by: desk.ada.principal,
          before: action.arguments,
          after: { path },
          before_digest: action.digest,
          after_digest: edited.digest,
        },
      ],
      votes: [{ by: desk.ada.principal, decision: 'approve', reason: 'narrower', is_void: false }],
    });
    expect(await factsOf(id)).toEqual(['requested', 'edited', 'decided']);
    const [, told, decided] = await house.factsOf(desk.run, id);
    expect(told!.body).toMatchObject({
      digest: edited.digest,
      before_digest: action.digest,
      by: desk.ada.principal,
    });
    expect(decided!.body).toMatchObject({ status: 'approved', digest: edited.digest, by: [desk.ada.principal] });
    const { items } = await house.reader.list(desk.run, { execution_id: action.execution_id });
    expect(items).toMatchObject([{ edited_by: desk.ada.principal, edits: [] }]);
  });

  it('is claimed by exactly the edited action; who claims what was asked for is told its digest', async () => {
    const { id, action } = await desk.ask();
    await edit(desk.ada, id, action, 'data/orders.db');
    const edited = editOf(action, 'data/orders.db');
    for (let time = 0; time < 2; time += 1) {
      await expect(desk.claim(id, action)).rejects.toMatchObject({
        code: 'approval.edited',
        retryable: false,
        details: { digest: edited.digest },
      });
      expect(await desk.claim(id, edited)).toMatchObject({
        approvers: [desk.ada.principal],
        edited_by: desk.ada.principal,
        guarded: expect.arrayContaining(['**/.git/**']),
      });
    }
    await expect(desk.claim(id, editOf(action, 'data/x'))).rejects.toEqual(refusal('approval.changed'));
    const seenOtherwise = { ...edited, preview: [{ ...edited.preview![0]!, before: digestOf('now') }] };
    await expect(desk.claim(id, seenOtherwise)).rejects.toEqual(refusal('approval.content_changed'));
  });

  it('voids a first yes of two; whoever gave it may look at what it is now and say yes again', async () => {
    const { id, action } = await desk.ask({ paths: ['.git/config'] });
    await desk.approve(desk.ada, id);
    const { digest } = await edit(desk.bob, id, action, '.git/index');
    expect(await house.reader.get(desk.run, id)).toMatchObject({
      status: 'pending',
      votes: [
        { by: desk.ada.principal, is_void: true },
        { by: desk.bob.principal, is_void: false },
      ],
    });
    await expect(desk.approve(desk.ada, id)).rejects.toMatchObject({ code: 'approval.edited', details: { digest } });
    const old = { id, decision: 'approve' as const, digest: action.digest };
    await expect(house.approvals.decide(desk.ada, old)).rejects.toEqual(refusal('approval.edited'));
    await expect(house.approvals.decide(desk.bob, { ...old, digest })).rejects.toEqual(
      refusal('approval.already_voted'),
    );
    expect(await house.approvals.decide(desk.ada, { ...old, digest })).toMatchObject({ status: 'approved' });
    expect(await desk.claim(id, editOf(action, '.git/index'))).toMatchObject({
      approvers: [desk.bob.principal, desk.ada.principal],
      edited_by: desk.bob.principal,
    });
    expect(await factsOf(id)).toEqual(['requested', 'voted', 'edited', 'voted', 'decided', 'claimed']);
  });

  it('back to what was asked for does not bring an old yes back', async () => {
    const { id, action } = await desk.ask({ paths: ['.git/config'] });
    await desk.approve(desk.ada, id);
    const there = await edit(desk.bob, id, action, '.git/index');
    const eve = approver(desk.team, person('eve'));
    const back = await house.approvals.edit(eve, {
      id,
      digest: there.digest,
      arguments: action.arguments,
      request: action,
    });
    expect(back).toMatchObject({ status: 'pending', digest: action.digest, edited_by: eve.principal });
    expect(back.votes.filter(({ is_void }) => !is_void)).toMatchObject([{ by: eve.principal }]);
    await expect(desk.claim(id, action)).rejects.toEqual(refusal('approval.pending'));
  });

  it.each<[string, (action: governance.DecideAction) => governance.DecideAction | null, string]>([
    ['out of the folder', (action) => editOf(action, '../other'), 'approval.edit_denied'],
    ['to what needs two people', (action) => editOf(action, '.git/config'), 'approval.edit_denied'],
    ['under another key', (action) => editOf(action, 'data/x', { step: 9 }), 'approval.changed'],
    ['that its run does not wait for', () => null, 'approval.not_editable'],
  ])('%s is refused and leaves no trace', async (_name, request, code) => {
    const { id, action } = await desk.ask();
    const before = await house.reader.get(desk.bob, id);
    const input = { id, digest: action.digest, arguments: {}, request: request(action) };
    await expect(house.approvals.edit(desk.ada, input)).rejects.toEqual(refusal(code));
    expect(await house.reader.get(desk.bob, id)).toEqual(before);
    expect(await factsOf(id)).toEqual(['requested']);
  });

  it('by the requester, or by whoever is behind the run, is refused', async () => {
    const own = await desk.ask({}, { ...desk.ada, roles: [] });
    await expect(edit(desk.ada, own.id, own.action, 'data/y')).rejects.toEqual(refusal('approval.self_approval'));
    const behind = await desk.ask({}, runContext(desk.team, desk.ada.principal));
    await expect(edit(desk.ada, behind.id, behind.action, 'data/y')).rejects.toEqual(refusal('approval.self_approval'));
  });

  it('is judged for whoever asked, not for the reviewer', async () => {
    const { id, action } = await desk.ask();
    const { input_digest } = await row(id);
    await edit(desk.ada, id, action, 'data/orders.db');
    const asRequested = await house.actions.decide(desk.run, {
      ...editOf(action, 'data/orders.db'),
      execution_id: uuidv7(),
    });
    expect((await row(id)).input_digest).toBe(asRequested.input_digest);
    expect((await row(id)).input_digest).not.toBe(input_digest);
  });

  it('repeated under its key gets its answer, whatever the executor makes of it by then', async () => {
    const { id, action } = await desk.ask();
    const ctx = { ...desk.ada, idempotency_key: 'edit-once' };
    const first = await edit(ctx, id, action, 'data/orders.db');
    await desk.claim(id, editOf(action, 'data/orders.db'));
    const said = { id, digest: action.digest, arguments: { path: 'data/orders.db' }, reason: 'narrower' };
    expect(await house.approvals.edit(ctx, { ...said, request: null })).toEqual(first);
    await expect(house.approvals.edit(ctx, { ...said, arguments: {}, request: null })).rejects.toEqual(
      refusal('request.key_reused'),
    );
  });

  it('does not make another question of the one its run repeats', async () => {
    const { id, action } = await desk.ask();
    await edit(desk.ada, id, action, 'data/orders.db');
    expect(await house.actions.decide(desk.run, action)).toMatchObject({ decision: 'ask', approval_id: id });
    expect(await house.actions.decide(desk.run, editOf(action, 'data/orders.db'))).toMatchObject({ decision: 'deny' });
  });

  it('by eight reviewers at once is one edit; the others are told to look again', async () => {
    const { id, action } = await desk.ask({ paths: ['.git/config'] });
    const settled = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => edit(approver(desk.team), id, action, `.git/${i}`)),
    );
    const codes = settled.map((one) => (one.status === 'fulfilled' ? one.value.status : one.reason.code));
    expect(codes.sort()).toEqual([...Array.from({ length: 7 }, () => 'approval.edited'), 'pending']);
    expect((await house.reader.get(desk.run, id)).edits).toHaveLength(1);
  });
});

const row = async (id: string): Promise<{ input_digest: string }> =>
  (await house.database.inTeam(desk.run, (tx) => tx.query(`SELECT * FROM approval WHERE id = $1`, [id])))[0];
