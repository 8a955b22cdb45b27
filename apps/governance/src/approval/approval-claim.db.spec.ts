import type { CallContext, governance } from '#contracts';
import { digestOf, uuidv7 } from '#kernel';
import { person } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  approver,
  deletion,
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

describe('a claim', () => {
  const approved = async (changed: Partial<governance.DecideAction> = {}) => {
    const asked = await desk.ask(changed);
    await desk.approve(desk.ada, asked.id);
    return asked;
  };
  const memberChanged = (
    who: CallContext,
    version: number,
    change: { role?: 'operator' | 'approver'; active?: boolean },
  ) =>
    house.database.inTeam(desk.run, (tx) =>
      house.members.apply(tx, desk.team, version, {
        user_id: who.principal.id,
        email: who.principal.name,
        role: 'approver',
        active: true,
        ...change,
      }),
    );

  it('gets the approvers, as often as it comes, and writes once', async () => {
    const { id, action } = await approved();
    const first = await desk.claim(id, action);
    expect(first).toEqual({
      approvers: [desk.ada.principal],
      policy_epoch: 1,
      guarded: expect.arrayContaining(['**/.git/**']),
      sensitive: true,
      edited_by: null,
    });
    const row = () => house.database.inTeam(desk.run, (tx) => tx.query(`SELECT * FROM approval WHERE id = $1`, [id]));
    const [before] = await row();
    expect(before).toMatchObject({ status: 'claimed', claimed_at: expect.any(Date) });
    await house.setDeadline(desk.run, id, -1);
    expect(await desk.claim(id, action)).toEqual(first);
    const [after] = await row();
    expect(after).toEqual({ ...before, expires_at: expect.any(Date) });
    expect(await desk.ends(id)).toEqual(['approved']);
    const facts = await house.factsOf(desk.run, id);
    expect(facts.filter(({ type }) => type === 'governance.approval.claimed.v1')).toMatchObject([
      { body: { approval_id: id, digest: action.digest }, context: { principal: desk.run.principal } },
    ]);
  });

  it('before the answer is told to wait', async () => {
    const { id, action } = await desk.ask(IN_HISTORY);
    await expect(desk.claim(id, action)).rejects.toEqual(refusal('approval.pending'));
    await desk.approve(desk.ada, id);
    await expect(desk.claim(id, action)).rejects.toEqual(refusal('approval.pending'));
    await desk.approve(desk.bob, id);
    expect(await desk.claim(id, action)).toMatchObject({ approvers: [desk.ada.principal, desk.bob.principal] });
  });

  it('of a rejected one is refused', async () => {
    const { id, action } = await desk.ask();
    await desk.reject(desk.ada, id, 'no');
    await expect(desk.claim(id, action)).rejects.toEqual(refusal('approval.rejected'));
  });

  it('by another action is refused, before and after the first', async () => {
    const { id, action } = await approved();
    const changed = { ...action, digest: deletion({ paths: ['data/orders.db'] }).digest };
    await expect(desk.claim(id, changed)).rejects.toEqual(refusal('approval.changed'));
    for (const key of [{ step: 7 }, { index: 1 }, { execution_id: uuidv7() }]) {
      await expect(desk.claim(id, { ...action, ...key })).rejects.toEqual(refusal('approval.changed'));
    }
    await desk.claim(id, action);
    await expect(desk.claim(id, changed)).rejects.toEqual(refusal('approval.changed'));
    await expect(desk.claim(id, { ...action, step: 7 })).rejects.toEqual(refusal('approval.claimed'));
    expect(await desk.claim(id, action)).toMatchObject({ approvers: [desk.ada.principal] });
  });

  it('that comes late is refused, and the row is expired', async () => {
    const { id, action } = await approved();
    await house.setDeadline(desk.run, id, -0.001);
    await expect(desk.claim(id, action)).rejects.toEqual(refusal('approval.expired'));
    await expect(desk.claim(id, action)).rejects.toEqual(refusal('approval.expired'));
    expect(await desk.ends(id)).toEqual(['approved', 'expired']);
  });

  it('of one nobody answered in time is refused, and the row is expired', async () => {
    const { id, action } = await desk.ask();
    await house.setDeadline(desk.run, id, -0.001);
    await expect(desk.claim(id, action)).rejects.toEqual(refusal('approval.expired'));
    expect(await desk.statusOf(id)).toBe('expired');
    expect(await desk.ends(id)).toEqual(['expired']);
  });

  it('is refused when policy denies by now, or asks for more', async () => {
    const { id, action } = await approved();
    const unregistered = { ...action, workspace: { ...action.workspace, registered: false } };
    await expect(desk.claim(id, unregistered)).rejects.toEqual(refusal('approval.denied_now'));
    await expect(desk.claim(id, { ...action, risk: 0.95 })).rejects.toEqual(refusal('approval.denied_now'));
    expect(await desk.statusOf(id)).toBe('approved');
    expect(await desk.claim(id, action)).toMatchObject({ approvers: [desk.ada.principal] });
  });

  it.each([
    ['was disabled', { active: false }],
    ['lost the role', { role: 'operator' as const }],
  ])('does not count an approver who meanwhile %s', async (_name, change) => {
    const eve = approver(desk.team, person('eve'));
    const { id, action } = await desk.ask(IN_HISTORY);
    await desk.approve(eve, id);
    await desk.approve(desk.ada, id);
    await memberChanged(eve, 1, {});
    await memberChanged(eve, 2, change);
    await expect(desk.claim(id, action)).rejects.toEqual(refusal('approval.denied_now'));
    await memberChanged(eve, 3, {});
    expect(await desk.claim(id, action)).toMatchObject({ approvers: [eve.principal, desk.ada.principal] });
  });

  describe('for what people saw', () => {
    const path = 'data/customers.db';
    const before = digestOf('as it was');
    const preview = [{ path, change: 'deleted' as const, before, after: null, diff: '-a\n', note: null }];
    const changed = [{ ...preview[0]!, before: digestOf('as it is'), diff: null }];
    const refused = expect.objectContaining({
      code: 'approval.content_changed',
      retryable: false,
      details: { path },
      message: `"${path}" has changed since people were asked, so their approval does not cover this action.`,
    });

    it('is granted while it is as they saw it', async () => {
      const { id, action } = await approved({ preview });
      const again = { ...action, preview: [{ ...preview[0]!, diff: null, note: 'another sentence' }] };
      expect(await desk.claim(id, again)).toMatchObject({ approvers: [desk.ada.principal] });
    });

    it('is refused once it has changed, also after a first claim, and names the path', async () => {
      const { id, action } = await approved({ preview });
      await expect(desk.claim(id, { ...action, preview: changed })).rejects.toEqual(refused);
      await expect(desk.claim(id, { ...action, preview: undefined })).rejects.toEqual(refused);
      expect(await desk.statusOf(id)).toBe('approved');
      await desk.claim(id, action);
      await expect(desk.claim(id, { ...action, preview: changed })).rejects.toEqual(refused);
    });

    it('is not compared where nobody could foresee what changes', async () => {
      const { id, action } = await approved({ preview: undefined });
      expect(await desk.claim(id, { ...action, preview: changed })).toMatchObject({ approvers: [desk.ada.principal] });
    });
  });

  it("of another team's approval finds nothing", async () => {
    const { id, action } = await approved();
    const stranger = runContext(uuidv7());
    await expect(house.approvals.claim(stranger, { id, request: action })).rejects.toEqual(
      refusal('approval.not_found'),
    );
    await expect(house.reader.get(stranger, id)).rejects.toEqual(refusal('approval.not_found'));
    expect(await house.reader.list(stranger, {})).toEqual({ items: [], next_cursor: null });
    expect(await desk.statusOf(id)).toBe('approved');
  });
});
