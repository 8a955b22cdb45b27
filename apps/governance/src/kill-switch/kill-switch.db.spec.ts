import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CallContext, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import { callContext, person } from '#testing';
import { deletion, type Desk, type House, openDesk, openHouse, runContext } from '../../test/fixture.js';
import { Executor, makeSwitches } from '../../test/switches.js';
import type { KillProgressWorker } from './kill-progress.worker.js';
import type { KillSwitchService } from './kill-switch.service.js';

let house: House;
let service: KillSwitchService;
let progress: KillProgressWorker;
const make = (stageSeconds: number) => makeSwitches(house, stageSeconds);

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

let admin: CallContext;
let installer: CallContext;
let desk: Desk;
beforeEach(async () => {
  ({ service, work: progress } = make(0));
  desk = openDesk(house);
  admin = callContext({ team: desk.team, principal: person('admin'), roles: ['admin'] });
  installer = { ...admin, roles: ['admin', 'installation_admin'] };
  await house.database.acrossTeams('every test begins with nobody', (tx) =>
    tx.query(`DELETE FROM executor_replica; DELETE FROM kill_switch; DELETE FROM installation_kill_switch`),
  );
  await house.kills.onModuleInit();
});

const stopped = async (ctx = desk.run): Promise<governance.ActionDecision> => {
  await house.kills.onModuleInit();
  return house.actions.decide(ctx, deletion());
};
const shown = async (id: string): Promise<governance.KillSwitchView> =>
  (await service.list(admin, { status: undefined })).items.find((one) => one.id === id)!;
const factTypes = async (id: string): Promise<string[]> => (await house.factsOf(admin, id)).map(({ type }) => type);

describe('a switch that is engaged', () => {
  it('refuses the team by name and reason, and nobody else', async () => {
    const { id } = await service.engage(admin, { scope: 'team', reason: 'It deletes too much.' });
    const refused = await stopped();
    expect(refused).toMatchObject({ decision: 'deny', tier_needed: null, approval_id: null });
    expect(refused.reasons).toEqual([
      expect.stringContaining(`(${id}, set by admin@example.org): It deletes too much.`),
    ]);
    expect((await stopped(runContext(uuidv7()))).decision).toBe('ask');
  });

  it('for every team refuses every team, and every team sees it', async () => {
    const { id, team_id } = await service.engage(installer, { scope: 'all', reason: 'Fire.' });
    expect(team_id).toBeNull();
    expect((await stopped(runContext(uuidv7()))).decision).toBe('deny');
    const elsewhere = await service.list(callContext({ roles: ['viewer'] }), {});
    expect(elsewhere.items.map((one) => one.id)).toEqual([id]);
  });

  it('of a team is nothing that another team sees or releases', async () => {
    const { id } = await service.engage(admin, { scope: 'team', reason: 'Ours.' });
    const stranger = callContext({ roles: ['admin'] });
    expect((await service.list(stranger, {})).items).toEqual([]);
    await expect(service.release(stranger, { id })).rejects.toMatchObject({ code: 'kill_switch.not_found' });
    await expect(service.release(stranger, { id, team_id: desk.team })).rejects.toMatchObject({
      code: 'kill_switch.scope_refused',
    });
    expect((await shown(id)).status).toBe('engaged');
  });

  it('refuses a claim of what was approved before', async () => {
    const { action, id } = await desk.ask();
    await desk.approve(desk.ada, id);
    await service.engage(admin, { scope: 'tool', tool: 'file.delete', reason: 'No more deletes.' });
    await house.kills.onModuleInit();
    await expect(desk.claim(id, action)).rejects.toMatchObject({ code: 'approval.denied_now' });
  });

  it('of an agent stops the playbook of that name, whatever agent follows it', async () => {
    const asked = await desk.ask({ agent_id: 'many-2', playbook: 'many' });
    const other = await desk.ask({ agent_id: 'many-2', playbook: 'few' });
    await service.engage(admin, { scope: 'agent', agent_id: 'many', reason: 'It loops.' });
    await house.kills.onModuleInit();
    const decide = (playbook: string) => house.actions.decide(desk.run, deletion({ agent_id: 'many-2', playbook }));
    expect((await decide('many')).decision).toBe('deny');
    expect((await decide('few')).decision).toBe('ask');
    await progress.sweep();
    expect([await desk.statusOf(asked.id), await desk.statusOf(other.id)]).toEqual(['withdrawn', 'pending']);
  });

  it('stays as it was first asked for when somebody asks for it again', async () => {
    const first = await service.engage(admin, { scope: 'team', reason: 'It deletes too much.' });
    const other = { ...admin, principal: person('other') };
    const second = await service.engage(other, { scope: 'team', reason: 'Me, too.' });
    const { id, reason, requested_by, requested_at } = first;
    expect(second).toMatchObject({ id, reason, requested_by, requested_at });
    expect(await house.factsOf(admin, id)).toHaveLength(1);
  });

  it('twice is one, and by twenty at once, too', async () => {
    const wanted = { scope: 'agent' as const, agent_id: 'tidy', reason: 'Once.' };
    const all = await Promise.all(Array.from({ length: 20 }, () => service.engage(admin, wanted)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await factTypes(all[0]!.id)).toEqual(['governance.kill.requested.v1']);
  });

  it('is answered the same to a repeat with its key', async () => {
    const keyed = { ...admin, idempotency_key: 'once' };
    const input = Object.assign(new governance.EngageKillSwitch(), {
      scope: 'team',
      reason: 'Keyed.',
      rehearsal: true,
    });
    const [first, second] = [await service.engage(keyed, input), await service.engage(keyed, input)];
    expect(second.id).toBe(first.id);
  });

  it('answers once every executor obeys, and waits no longer than 0.4 s for one that does not', async () => {
    const [deaf, quick] = [new Executor(service), new Executor(service)];
    await Promise.all([deaf.obey(), quick.obey()]);
    const began = performance.now();
    const engaged = service.engage(admin, { scope: 'team', reason: 'Now.' });
    await quick.obey();
    const view = await engaged;
    const waited = performance.now() - began;
    expect(view.executors.alive).toBe(2);
    expect(view.executors.acknowledged).toBeLessThan(2);
    expect(waited).toBeGreaterThan(390);
    await Promise.all([deaf.obey(), quick.obey()]);
    const again = performance.now();
    expect((await service.engage(admin, { scope: 'team', reason: 'Now.' })).executors.acknowledged).toBe(2);
    expect(performance.now() - again).toBeLessThan(390);
  });
});

describe('requested and confirmed', () => {
  it('are two facts: between them every executor acknowledges, runs end and approvals are withdrawn', async () => {
    const executor = new Executor(service);
    await executor.obey();
    const asked = await desk.ask();
    const { id, confirmed_at } = await service.engage(admin, { scope: 'team', reason: 'Stop.' });
    expect(confirmed_at).toBeNull();
    executor.counts[id] = 2;
    await executor.obey();
    await progress.sweep();
    expect(await desk.statusOf(asked.id)).toBe('withdrawn');
    expect(await shown(id)).toMatchObject({ confirmed_at: null, stopping: { executions: 2, approvals: 0 } });
    expect(await factTypes(id)).toEqual(['governance.kill.requested.v1']);
    executor.counts[id] = 0;
    await executor.obey();
    await Promise.all([progress.sweep(), make(0).work.sweep()]);
    expect(await shown(id)).toMatchObject({
      confirmed_at: expect.any(String),
      stopping: { executions: 0, approvals: 0 },
    });
    expect(await factTypes(id)).toEqual(['governance.kill.requested.v1', 'governance.kill.confirmed.v1']);
  });

  it('go on in another process when the one that answered is gone', async () => {
    const { id } = await service.engage(admin, { scope: 'team', reason: 'Then it died.' });
    const executor = new Executor(service);
    await executor.obey();
    await make(0).work.sweep();
    expect(await factTypes(id)).toEqual(['governance.kill.requested.v1', 'governance.kill.confirmed.v1']);
  });

  it('of every team: approvals of all are withdrawn', async () => {
    const other = openDesk(house);
    const [ours, theirs] = [await desk.ask(), await other.ask()];
    await service.engage(installer, { scope: 'all', reason: 'Fire.' });
    await progress.sweep();
    expect([await desk.statusOf(ours.id), await other.statusOf(theirs.id)]).toEqual(['withdrawn', 'withdrawn']);
  });
});

describe('a rehearsal', () => {
  it('blocks and withdraws nothing, reports what would be stopped, and is over', async () => {
    const executor = new Executor(service);
    const asked = await desk.ask();
    const { id } = await service.engage(admin, { scope: 'team', reason: 'Drill.', rehearsal: true });
    executor.counts[id] = 3;
    await executor.obey();
    await progress.sweep();
    expect((await stopped()).decision).toBe('ask');
    expect(await desk.statusOf(asked.id)).toBe('pending');
    const [rehearsed] = (await service.list(admin, { status: 'released' })).items;
    expect(rehearsed).toMatchObject({ id, rehearsal: true, stopping: { executions: 3 } });
    expect(rehearsed!.stopping.approvals).toBeGreaterThanOrEqual(1);
    expect((await house.factsOf(admin, id)).at(-1)!.body).toMatchObject({ would_stop: { executions: 3 } });
  });
});

describe('a release', () => {
  const sharesOf = async (id: string): Promise<unknown> => {
    const { status, admitted_share } = (await shown(id)) ?? { status: 'released', admitted_share: 1 };
    return [status, admitted_share];
  };

  it('lets in by stages, each in its time', async () => {
    ({ service, work: progress } = make(3_600));
    const { id } = await service.engage(admin, { scope: 'team', reason: 'Stop.' });
    await service.release(admin, { id, reason: 'Mended.' });
    await progress.sweep();
    expect(await sharesOf(id)).toEqual(['releasing', 0.1]);
    await house.database.inTeam(admin, (tx) => tx.query(`UPDATE kill_switch SET stage_due = now()`));
    await Promise.all([progress.sweep(), make(3_600).work.sweep()]);
    expect(await sharesOf(id)).toEqual(['releasing', 0.5]);
    await house.database.inTeam(admin, (tx) => tx.query(`UPDATE kill_switch SET stage_due = now()`));
    await progress.sweep();
    expect(await sharesOf(id)).toEqual(['released', 1]);
    expect(await factTypes(id)).toEqual(['governance.kill.requested.v1', 'governance.kill.released.v1']);
    expect((await stopped()).decision).toBe('ask');
  });

  it('is taken back by engaging again, and needs a new confirmation', async () => {
    ({ service, work: progress } = make(3_600));
    const executor = new Executor(service);
    const wanted = { scope: 'team' as const, reason: 'Stop.' };
    const { id, epoch } = await service.engage(admin, wanted);
    await executor.obey();
    await progress.sweep();
    await service.release(admin, { id });
    const before = await shown(id);
    const other = { ...admin, principal: person('other'), on_behalf_of: person('other') };
    const again = await service.engage(other, { ...wanted, reason: 'It began anew.' });
    expect(again).toMatchObject({ reason: 'It began anew.', requested_by: { name: 'other@example.org' } });
    expect(Date.parse(again.requested_at)).toBeGreaterThan(Date.parse(before.requested_at));
    expect((await house.factsOf(admin, id)).at(-1)).toMatchObject({
      type: 'governance.kill.requested.v1',
      body: { reason: 'It began anew.', epoch: again.epoch },
      context: { principal: { name: 'other@example.org' } },
    });
    expect(again).toMatchObject({ id, status: 'engaged', admitted_share: 0, confirmed_at: null, released_at: null });
    expect(again.epoch).toBeGreaterThan(epoch);
    await executor.obey();
    await progress.sweep();
    expect(await factTypes(id)).toEqual([
      'governance.kill.requested.v1',
      'governance.kill.confirmed.v1',
      'governance.kill.requested.v1',
      'governance.kill.confirmed.v1',
    ]);
  });

  it('of the installation is for an installation admin alone', async () => {
    const { id } = await service.engage(installer, { scope: 'all', reason: 'Fire.' });
    await expect(service.release(admin, { id })).rejects.toMatchObject({ code: 'kill_switch.scope_refused' });
    expect((await shown(id)).status).toBe('engaged');
    await service.release({ ...installer, team: uuidv7() }, { id });
    expect((await shown(id)).status).toBe('releasing');
  });
});

it('an executor that knows an epoch knows every switch up to it, however many are engaged at once', async () => {
  const executor = new Executor(service);
  const seen: [number, number][] = [];
  let done = false;
  const watching = (async () => {
    while (!done) {
      await executor.report();
      seen.push([executor.state.epoch, executor.state.orders.length]);
    }
  })();
  const first = (await service.list(admin, {})).epoch;
  await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      service.engage(admin, { scope: 'agent', agent_id: `agent-${n}`, reason: 'Many.' }),
    ),
  );
  done = true;
  await watching;
  for (const [epoch, orders] of seen) expect(orders).toBe(Math.max(0, epoch - first));
  await executor.report();
  expect(executor.state.orders).toHaveLength(30);
});
