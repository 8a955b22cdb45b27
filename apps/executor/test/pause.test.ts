import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { executor as contract } from '#contracts';
import type { RunningService } from '#service';
import { until } from '#testing';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HoldService } from '../src/hold/hold.service.js';
import { Asking, FILES, TWO, write } from './asking.js';
import { actionsOf, statusesOf, treeOf, type Engine, openEngine } from './engine.js';

let engine: Engine;
let people: Asking;
let service: RunningService;
beforeAll(async () => {
  engine = await openEngine();
  people = new Asking(engine);
  service = await engine.start();
});
afterAll(() => engine.close());
afterEach(() => {
  Object.assign(engine.governance, { policy: () => 'allow', deadlineMs: 60_000 });
  engine.governance.claimed.length = 0;
});

const kindsOf = async (id: string) => (await engine.frames(id)).map(({ kind }) => kind);

describe('a pause', () => {
  it('lets the action under way come to its end; then the run is a row, through a restart, until somebody resumes it', async () => {
    const { id, folder, go } = await people.held();
    expect(await people.ask('pause', id, 'somebody@example.org looks')).toMatchObject({
      status: 'running',
      pause_requested: true,
      can: ['resume', 'cancel', 'rollback'],
    });
    expect((await people.ask('pause', id)).last_seq).toBe((await engine.get(id)).last_seq);
    go();
    const paused = await people.pausedByPerson(id);
    expect(paused).toMatchObject({ status: 'paused', pause_requested: false, can: ['resume', 'cancel', 'rollback'] });
    expect(statusesOf(paused)).toEqual(['kept', 'kept']);
    await people.waits(id);
    await service.close();
    service = await engine.start();
    expect((await engine.ended(await engine.submit(TWO, engine.folder({})))).status).toBe('succeeded');
    expect(await engine.get(id)).toMatchObject({ status: 'paused', last_seq: paused.last_seq });
    expect((await people.ask('resume', id, 'looks well')).status).toBe('running');
    const result = await engine.ended(id);
    expect([result.status, statusesOf(result)]).toEqual(['succeeded', ['kept', 'kept', 'kept']]);
    expect('last' in treeOf(folder)).toBe(true);
    const told = (await engine.frames(id)).filter(({ kind }) => /execution\.(pause|resume)/.test(kind));
    expect(
      told.map(({ kind, status, paused_reason, by, reason }) => [kind, status, paused_reason, by, reason]),
    ).toEqual([
      ['execution.pause_requested', 'running', undefined, engine.ctx.principal, '[redacted:email] looks'],
      ['execution.paused', 'paused', 'person', undefined, undefined],
      ['execution.resumed', 'running', null, engine.ctx.principal, 'looks well'],
    ]);
  });

  it('that is taken back before it began changes nothing', async () => {
    const { id, go } = await people.held();
    await people.ask('pause', id);
    expect(await people.ask('resume', id)).toMatchObject({ status: 'running', pause_requested: false });
    expect(await people.refusalOf('resume', id)).toBe('execution.not_paused');
    go();
    expect((await engine.ended(id)).status).toBe('succeeded');
    expect(await kindsOf(id)).not.toContain('execution.paused');
  });

  it('of a run that waits for its folder keeps it from starting, and leaves the folder to others', async () => {
    const { id: first, folder, go } = await people.held();
    const second = await engine.submit(TWO, folder);
    await until('it waits for the first', async () => (await engine.get(second)).waits_for === first);
    const page = await engine.bus.call(engine.ctx, contract.execution.list, { status: 'queued,running' });
    expect(page.items.map(({ id, waits_for }) => [id, waits_for])).toEqual([
      [second, first],
      [first, null],
    ]);
    await people.ask('pause', second);
    expect(await people.pausedByPerson(second)).toMatchObject({ status: 'paused', started_at: null, waits_for: null });
    go();
    expect((await engine.ended(first)).status).toBe('succeeded');
    expect((await engine.ended(await engine.submit(TWO, folder))).status).toBe('succeeded');
    expect((await engine.get(second)).started_at).toBeNull();
    expect((await people.ask('resume', second)).status).toBe('queued');
    expect((await engine.ended(second)).status).toBe('succeeded');
  });

  it.each([
    ['cancel', 'cancelled', 'execution.cancelled'],
    ['rollback', 'rolled_back', 'execution.rolled_back'],
  ] as const)('before the start may end in a %s', async (request, status, code) => {
    const { id: first, folder, go } = await people.held();
    const second = await engine.submit(TWO, folder);
    await people.ask('pause', second);
    await people.pausedByPerson(second);
    await people.ask(request, second);
    expect(await engine.ended(second)).toMatchObject({
      status,
      failure: { code },
      started_at: null,
      paused_reason: null,
    });
    go();
    await engine.ended(first);
  });

  it('of a run that waits for an approval begins with the answer, and uses nothing of it up', async () => {
    const { id, folder, approval } = await people.waiting();
    expect(await people.refusalOf('resume', id)).toBe('execution.waits_for_approval');
    expect(await people.ask('pause', id)).toMatchObject({ paused_reason: 'approval', pause_requested: true });
    await people.waits(id);
    expect((await engine.get(id)).paused_reason).toBe('approval');
    await engine.governance.decide(approval, 'approved');
    await people.pausedByPerson(id);
    expect([engine.governance.claimed, treeOf(folder)['data/x']]).toEqual([[], '644 x']);
    expect(await people.ask('resume', id)).toMatchObject({ status: 'paused', paused_reason: 'approval' });
    const result = await engine.ended(id);
    expect([result.status, engine.governance.claimed]).toEqual(['succeeded', [approval.id]]);
    expect('data/x' in treeOf(folder)).toBe(false);
  });

  it('of such a run taken back goes on to wait for the answer', async () => {
    const { id, approval } = await people.waiting();
    await people.ask('pause', id);
    expect(await people.ask('resume', id)).toMatchObject({ paused_reason: 'approval', pause_requested: false });
    expect(await people.refusalOf('resume', id)).toBe('execution.waits_for_approval');
    await engine.governance.decide(approval, 'approved');
    expect((await engine.ended(id)).status).toBe('succeeded');
  });

  it('outlasts an approval: one that has expired by the time the run goes on is a no', async () => {
    const { id, folder, approval } = await people.waiting();
    await people.ask('pause', id);
    await engine.governance.decide(approval, 'approved');
    await people.pausedByPerson(id);
    approval.status = 'expired';
    await people.ask('resume', id);
    expect(await engine.ended(id)).toMatchObject({ status: 'failed', failure: { code: 'approval.expired' } });
    expect(treeOf(folder)['data/x']).toBe('644 x');
  });

  it('of a run that waits for its own approval begins with the answer, too', async () => {
    engine.governance.policy = ({ step }) => (step === 0 ? 'ask' : 'allow');
    const id = await engine.submit(TWO, engine.folder(FILES));
    await engine.inStatus(id, 'awaiting_approval');
    await people.ask('pause', id);
    await engine.governance.decide(
      engine.governance.asked.find((one) => one.request.execution_id === id)!,
      'approved',
    );
    expect(await people.pausedByPerson(id)).toMatchObject({ status: 'paused', started_at: null });
    expect(engine.governance.claimed).toEqual([]);
    expect((await people.ask('resume', id)).status).toBe('awaiting_approval');
    expect((await engine.ended(id)).status).toBe('succeeded');
  });
});

describe('what nobody could judge', () => {
  /** A run whose second action somebody wrote beside. */
  const inconclusive = async () => {
    const folder = engine.folder(FILES);
    const holds = service.app.get(HoldService);
    const observe = holds.observe.bind(holds);
    holds.observe = async (team, root) => {
      if ('last' in treeOf(folder)) writeFileSync(join(folder, 'theirs'), 'theirs');
      return observe(team, root);
    };
    const id = await engine.submit(`${TWO}${write('more')}`, folder);
    const paused = await engine.inStatus(id, 'paused').finally(() => (holds.observe = observe));
    expect(paused).toMatchObject({ paused_reason: 'inconclusive', can: ['resume', 'cancel', 'rollback'] });
    return { id, folder };
  };

  it('is kept by the person who resumes the run, which goes on and is never a success', async () => {
    const { id, folder } = await inconclusive();
    expect((await people.ask('resume', id, 'theirs is mine')).status).toBe('running');
    const result = await engine.ended(id);
    expect(result).toMatchObject({ status: 'unverifiable', failure: { code: 'contract.unverifiable' } });
    expect(statusesOf(result)).toEqual(['kept', 'kept', 'kept']);
    expect(actionsOf(result)[1]!.undone).toMatchObject({ outcome: 'kept' });
    expect(result.execution_trace[1]!.observation).toContain('kept by a person');
    const frames = await engine.frames(id);
    const at = frames.findIndex(({ kind }) => kind === 'execution.resumed');
    expect(frames[at]).toMatchObject({ by: engine.ctx.principal, reason: 'theirs is mine', status: 'running' });
    expect(frames[at + 1]).toMatchObject({ kind: 'action.undone', step: { actions: [{ status: 'kept' }] } });
    expect(treeOf(folder)).toMatchObject({ theirs: '644 theirs', more: '644 more' });
  });

  it('is taken back as far as it is the run’s own; what stands in the way can be cleared, and it is tried again', async () => {
    const { id, folder } = await inconclusive();
    await people.ask('rollback', id);
    const result = await engine.ended(id);
    expect(result).toMatchObject({ status: 'rollback_failed', failure: { code: 'hold.conflict' }, can: ['rollback'] });
    expect(statusesOf(result)).toEqual(['kept', 'conflict']);
    expect(treeOf(folder)).toEqual({ ...people.original(), first: '644 first', theirs: '644 theirs' });
    rmSync(join(folder, 'theirs'));
    await people.ask('rollback', id);
    const again = await engine.ended(id);
    expect([again.status, statusesOf(again)]).toEqual(['rolled_back', ['undone', 'undone']]);
    expect(treeOf(folder)).toEqual(people.original());
  });
});
