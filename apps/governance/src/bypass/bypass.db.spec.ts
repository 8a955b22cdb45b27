import type { CallContext, governance } from '#contracts';
import { digestOf, uuidv7 } from '#kernel';
import { callContext, person } from '#testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
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
/** What its approver has seen: the held delete of the playbook. */
let seen: { id: string };
beforeAll(async () => {
  house = await openHouse();
});
beforeEach(async () => {
  desk = openDesk(house);
  seen = await desk.ask();
});
afterAll(() => house.close());

const give = (changed: Partial<governance.AddBypass> = {}, ctx?: CallContext) =>
  house.bypasses.add(ctx ?? desk.ada, {
    ...{ agent_id: 'tidy', tool: 'file.delete@v1', minutes: 60, uses: 20, reason: 'the nightly tidying' },
    ...changed,
  });
const decide = (changed: Partial<governance.DecideAction> = {}, ctx = desk.run) =>
  house.actions.decide(ctx, deletion(changed));
const setExpiry = (id: string, seconds: number) =>
  house.database.inTeam(desk.run, (tx) =>
    tx.query(`UPDATE bypass SET expires_at = clock_timestamp() + $2 * interval '1 second' WHERE id = $1`, [
      id,
      seconds,
    ]),
  );
const find = async (id: string) => (await house.bypasses.list(desk.ada, {})).items.find((one) => one.id === id)!;
const ELSEWHERE = { agent_version: 'external', held: false, sandbox: 'none' } as const;
const asks = { decision: 'ask', approval_id: expect.any(String) };

describe('a bypass', () => {
  it('stands in for the one approver of its agent and tool; the decision names it and nobody is asked', async () => {
    const { id } = await give();
    expect(await decide()).toMatchObject({
      decision: 'allow',
      tier_needed: 2,
      determining_policies: ['change-protected-files'],
      approval_id: null,
      bypass: { bypass_id: id, given_by: desk.ada.principal.name, use: 1 },
      reasons: expect.arrayContaining([expect.stringContaining(desk.ada.principal.name)]),
      guarded: expect.arrayContaining(['**/.git/**']),
    });
    expect(await decide()).toMatchObject({ bypass: { use: 2 } });
    expect(await find(id)).toMatchObject({ status: 'active', used: 2, uses: 20, given_by: desk.ada.principal });
    expect((await house.reader.list(desk.ada, {})).items).toMatchObject([{ id: seen.id }]);
  });

  it.each<[string, Partial<governance.DecideAction>, object]>([
    ['two approvers', IN_HISTORY, { ...asks, tier_needed: 3 }],
    ['what policy denies', { paths: ['../other'] }, { decision: 'deny' }],
    ['a folder nobody registered', { workspace: { id: '/tmp', registered: false } }, { decision: 'deny' }],
    ['another agent', { agent_id: 'eve' }, asks],
    ['another tool', { tool: 'file.write@v1' }, asks],
    ['another version of the tool', { tool: 'file.delete@v2' }, asks],
    ['another playbook by the name of the agent', { agent_version: digestOf('wr.yaml') }, asks],
    ['an agent elsewhere by the name of the agent', ELSEWHERE, asks],
    ['an action without a hold', { held: false }, asks],
  ])('never covers %s', async (_name, changed, expected) => {
    const { id } = await give();
    expect(await decide(changed)).toMatchObject(expected);
    expect(await find(id)).toMatchObject({ used: 0 });
  });

  it('never covers actions of whoever gave it, nor of another team', async () => {
    await give();
    expect(await decide({}, { ...desk.ada, roles: [] })).toMatchObject(asks);
    expect(await decide({}, runContext(desk.team, desk.ada.principal))).toMatchObject(asks);
    expect(await decide({}, runContext(uuidv7()))).toMatchObject(asks);
    expect(await decide({}, runContext(desk.team, desk.bob.principal))).toMatchObject({ decision: 'allow' });
  });

  it('does not count once whoever gave it was disabled; another one’s does', async () => {
    const eve = approver(desk.team, person('eve'));
    await give({}, eve);
    await house.database.inTeam(desk.run, (tx) =>
      house.members.apply(tx, desk.team, 1, {
        user_id: eve.principal.id,
        email: eve.principal.name,
        role: 'approver',
        active: false,
      }),
    );
    expect(await decide()).toMatchObject(asks);
    const { id } = await give();
    expect(await decide()).toMatchObject({ bypass: { bypass_id: id } });
  });

  it('ends with its time, its uses and its revocation, by whichever comes first', async () => {
    const late = await give();
    await setExpiry(late.id, -0.001);
    expect(await decide()).toMatchObject(asks);
    expect(await find(late.id)).toMatchObject({ status: 'expired' });
    const short = await give({ uses: 1 });
    expect(await decide()).toMatchObject({ bypass: { use: 1 } });
    expect(await decide()).toMatchObject(asks);
    expect(await find(short.id)).toMatchObject({ status: 'used_up', used: 1 });
    const { id } = await give();
    expect(await house.bypasses.revoke(desk.bob, id)).toMatchObject({
      status: 'revoked',
      revoked_by: desk.bob.principal,
    });
    expect(await decide()).toMatchObject(asks);
  });

  it('is used once by one action however often it asks, and by no other action under its key', async () => {
    const { id } = await give();
    const action = deletion();
    const answers = await Promise.all(Array.from({ length: 8 }, () => house.actions.decide(desk.run, action)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await find(id)).toMatchObject({ used: 1 });
    await setExpiry(id, -1);
    expect(await house.actions.decide(desk.run, action)).toEqual(answers[0]);
    expect(await house.actions.decide(desk.run, { ...action, digest: deletion(IN_HISTORY).digest })).toMatchObject(
      asks,
    );
  });

  it('that was revoked is not used again by the action that had used it', async () => {
    const { id } = await give();
    const action = deletion();
    expect(await house.actions.decide(desk.run, action)).toMatchObject({ decision: 'allow' });
    await house.bypasses.revoke(desk.ada, id);
    expect(await house.actions.decide(desk.run, action)).toMatchObject(asks);
  });

  it('does not answer for an action that people were asked about before', async () => {
    const { action, id } = await desk.ask();
    await give();
    expect(await house.actions.decide(desk.run, action)).toMatchObject({ decision: 'ask', approval_id: id });
  });

  it('of 20 uses lets 20 of 64 parallel actions through, and asks about the rest', async () => {
    const { id } = await give({ uses: 20 });
    const answers = await Promise.all(Array.from({ length: 64 }, () => decide()));
    const uses = answers.flatMap(({ bypass }) => (bypass ? [bypass.use] : [])).sort((a, b) => a - b);
    expect(uses).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(answers.filter(({ decision }) => decision === 'ask')).toHaveLength(44);
    expect(await find(id)).toMatchObject({ status: 'used_up', used: 20 });
  });

  it('is followed by the next one when it is used up, the one that ends first before the others', async () => {
    const last = await give({ minutes: 120, uses: 2 });
    const first = await give({ minutes: 30, uses: 2 });
    const used = [];
    for (let i = 0; i < 4; i += 1) used.push((await decide()).bypass!.bypass_id);
    expect(used).toEqual([first.id, first.id, last.id, last.id]);
  });
});

describe('what an approver has seen', () => {
  const asElsewhere = (id: string): CallContext =>
    callContext({ team: desk.team, principal: { kind: 'agent', id, name: 'wr' }, roles: ['operator'] });

  it('is the newest question of exactly this agent and tool, whatever became of it', async () => {
    await desk.ask({ agent_id: 'eve', agent_version: digestOf('eve.yaml') });
    await desk.ask({ tool: 'file.write@v1', agent_version: digestOf('writes.yaml') });
    expect(await give()).toMatchObject({ agent_version: digestOf('tidy.yaml'), held: true });
    const newer = await desk.ask({ agent_version: digestOf('newer.yaml') });
    await desk.reject(desk.ada, newer.id, 'No.');
    const given = await give();
    expect(given).toMatchObject({ agent_version: digestOf('newer.yaml'), held: true });
    expect(await find(given.id)).toEqual(given);
    expect(await decide({ agent_version: digestOf('newer.yaml') })).toMatchObject({ bypass: { bypass_id: given.id } });
    expect(await house.factsOf(desk.run, given.id)).toMatchObject([
      { body: { agent_version: digestOf('newer.yaml'), held: true } },
    ]);
  });

  it('is the question that is named, whoever asked under the same name since', async () => {
    const seen = await desk.ask({ agent_version: digestOf('honest.yaml') });
    await desk.ask({ agent_version: digestOf('quick.yaml') });
    expect(await give({ approval_id: seen.id })).toMatchObject({ agent_version: digestOf('honest.yaml') });
    expect(await decide({ agent_version: digestOf('quick.yaml') })).toMatchObject(asks);
    const other = await desk.ask({ agent_id: 'eve' });
    for (const approval_id of [other.id, uuidv7()]) {
      await expect(give({ approval_id })).rejects.toEqual(refusal('bypass.nothing_asked'));
    }
  });

  it('of an action without a hold is the principal that asked, too', async () => {
    await desk.ask({ agent_id: 'wr', ...ELSEWHERE }, asElsewhere('one'));
    const { id } = await give({ agent_id: 'wr' });
    expect(await find(id)).toMatchObject({ agent_version: 'external', held: false, requested_by: { id: 'one' } });
    const asked = { agent_id: 'wr', ...ELSEWHERE };
    expect(await decide(asked, asElsewhere('two'))).toMatchObject(asks);
    expect(await decide({ ...asked, agent_version: digestOf('wr.yaml'), held: true })).toMatchObject(asks);
    expect(await decide(asked, asElsewhere('one'))).toMatchObject({ bypass: { bypass_id: id, use: 1 } });
  });

  it('of a held action is the playbook, whoever starts it', async () => {
    const { id } = await give();
    const another = callContext({ team: desk.team, principal: person('operator'), roles: ['operator'] });
    expect(await decide({}, another)).toMatchObject({ bypass: { bypass_id: id } });
  });

  it.each<[string, Partial<governance.AddBypass>]>([
    ['another agent', { agent_id: 'wr' }],
    ['another tool', { tool: 'file.write@v1' }],
    ['another version of the tool', { tool: 'file.delete@v2' }],
    ['every tool', { tool: '*' }],
    ['a tool nobody knows', { tool: 'rocket.launch' }],
  ])('is nothing of %s: refused', async (_name, changed) => {
    await expect(give(changed)).rejects.toEqual(refusal('bypass.nothing_asked'));
    expect((await house.bypasses.list(desk.ada, {})).items).toEqual([]);
  });

  it('in another team does not count', async () => {
    await expect(give({}, approver(uuidv7()))).rejects.toEqual(refusal('bypass.nothing_asked'));
  });

  it('of a tool named without its version is of its first', async () => {
    const { id } = await give({ tool: 'file.delete' });
    expect(await find(id)).toMatchObject({ tool: 'file.delete@v1' });
    expect(await decide()).toMatchObject({ bypass: { bypass_id: id } });
  });
});

describe('giving and revoking', () => {
  it.each<[string, (ctx: CallContext) => CallContext]>([
    ['an operator', (ctx) => ({ ...ctx, roles: ['operator'] })],
    ['a viewer', (ctx) => ({ ...ctx, roles: ['viewer'] })],
    ['an agent with the role', (ctx) => ({ ...ctx, principal: { kind: 'agent', id: 'tidy', name: 'tidy' } })],
    ['a service with the role', (ctx) => ({ ...ctx, principal: { kind: 'service', id: 'x', name: 'x' } })],
  ])('is not for %s', async (_name, as) => {
    await expect(give({}, as(desk.ada))).rejects.toEqual(refusal('bypass.role_missing'));
    const { id } = await give();
    await expect(house.bypasses.revoke(as(desk.ada), id)).rejects.toEqual(refusal('bypass.role_missing'));
    expect(await find(id)).toMatchObject({ status: 'active' });
  });

  it.each([
    [{ minutes: 481 }, '/minutes'],
    [{ uses: 101 }, '/uses'],
    [{ reason: ' \n' }, '/reason'],
    [{ reason: '\u200b\u2060' }, '/reason'],
  ])('beyond the limits is refused: %j', async (changed, path) => {
    await expect(give(changed)).rejects.toMatchObject({ code: 'input.invalid', details: { errors: [{ path }] } });
    expect((await house.bypasses.list(desk.ada, {})).items).toEqual([]);
  });

  it('is told once each, and one key gives one', async () => {
    const ctx = { ...desk.ada, idempotency_key: 'give-once' };
    const [one, two] = await Promise.all([give({}, ctx), give({}, ctx)]);
    expect(two).toEqual(one);
    await house.bypasses.revoke(desk.bob, one.id);
    expect(await house.bypasses.revoke(desk.ada, one.id)).toMatchObject({ revoked_by: desk.bob.principal });
    expect(await house.factsOf(desk.run, one.id)).toMatchObject([
      { type: 'governance.bypass.added.v1', version: 1, body: { given_by: desk.ada.principal, uses: 20 } },
      { type: 'governance.bypass.revoked.v1', version: 2, body: { revoked_by: desk.bob.principal, used: 0 } },
    ]);
  });

  it('lists pages, newest first, of one status if asked; another team’s are not there', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) ids.unshift((await give()).id);
    await house.bypasses.revoke(desk.ada, ids[1]!);
    const first = await house.bypasses.list(desk.ada, { limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await house.bypasses.list(desk.ada, { limit: 2, cursor: first.next_cursor! });
    expect(second).toMatchObject({ items: [{ id: ids[2] }], next_cursor: null });
    const active = await house.bypasses.list(desk.ada, { status: 'active' });
    expect(active.items.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    const stranger = approver(uuidv7());
    expect((await house.bypasses.list(stranger, {})).items).toEqual([]);
    await expect(house.bypasses.revoke(stranger, ids[0]!)).rejects.toEqual(refusal('bypass.not_found'));
    expect(() => house.bypasses.list(desk.ada, { cursor: 'x' })).toThrow(refusal('input.invalid'));
  });
});
