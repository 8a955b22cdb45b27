import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { executor as contract } from '#contracts';
import { person, until } from '#testing';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { marker } from '../src/sandbox/test/workspace.js';
import { Asking, FILES, HELD, TWO, write } from './asking.js';
import { actionsOf, statusesOf, STEPS_HEAD, treeOf, type Engine, openEngine } from './engine.js';

let engine: Engine;
let people: Asking;
beforeAll(async () => {
  engine = await openEngine();
  people = new Asking(engine);
  await engine.start();
});
afterAll(() => engine.close());
afterEach(() => {
  Object.assign(engine.governance, { policy: () => 'allow', deadlineMs: 60_000 });
  engine.governance.claimed.length = 0;
});

const kindsOf = async (id: string) => (await engine.frames(id)).map(({ kind }) => kind);

describe('a rollback of a run in progress', () => {
  it('stops what is under way, with everything it started, and undoes all, last first', async () => {
    const folder = engine.folder(FILES);
    const { sleep, count } = marker();
    const long = `  - { id: long, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "rm a.txt; setsid ${sleep} & ${sleep}"] } }\n`;
    const id = await engine.submit(`${STEPS_HEAD}steps:\n${write('first')}${write('second')}${long}`, folder);
    await until('the program runs', async () => (await count()) === 2);
    expect(await people.ask('rollback', id, 'wrong folder')).toMatchObject({ rollback_requested: true, can: [] });
    expect((await people.ask('rollback', id)).rollback_requested).toBe(true);
    const result = await engine.ended(id);
    expect(await count()).toBe(0);
    expect(result).toMatchObject({ status: 'rolled_back', failure: { code: 'execution.rolled_back' }, can: [] });
    expect(statusesOf(result)).toEqual(['undone', 'undone', 'undone']);
    for (const { undone } of actionsOf(result)) expect(undone!.after).toBe(undone!.before);
    expect(treeOf(folder)).toEqual(people.original());
    const frames = await engine.frames(id);
    expect(frames.find(({ kind }) => kind === 'execution.rollback_requested')).toMatchObject({
      status: 'running',
      by: engine.ctx.principal,
      reason: 'wrong folder',
    });
    const undoing = frames.filter(({ kind }) => kind === 'action.undoing').map(({ step }) => step!.step);
    expect([undoing, frames.filter(({ type }) => type === 'completion')]).toEqual([[2, 1], [frames.at(-1)]]);
    expect(await people.refusalOf('rollback', id)).toBe('execution.nothing_to_undo');
  });

  it('that waits for an approval does without the answer', async () => {
    const { id, folder } = await people.waiting();
    await people.ask('rollback', id);
    const result = await engine.ended(id);
    expect([result.status, statusesOf(result)]).toEqual(['rolled_back', ['undone', 'skipped']]);
    expect(actionsOf(result)[1]!.decided!.approval).toBe('withdrawn');
    expect([treeOf(folder), engine.governance.claimed]).toEqual([people.original(), []]);
  });

  it('that waits for its own approval, or for its folder, ends without having begun', async () => {
    const { id: first, folder, go } = await people.held();
    const queued = await engine.submit(TWO, folder);
    await engine.inStatus(queued, 'queued');
    engine.governance.policy = () => 'ask';
    const asked = await engine.submit(TWO, engine.folder(FILES));
    await engine.inStatus(asked, 'awaiting_approval');
    for (const id of [queued, asked]) {
      await people.ask('rollback', id);
      expect(await engine.ended(id)).toMatchObject({ status: 'rolled_back', started_at: null, execution_trace: [] });
    }
    engine.governance.policy = () => 'allow';
    go();
    expect((await engine.ended(first)).status).toBe('succeeded');
  });

  it('outdoes a cancel and a pause', async () => {
    const { id, folder } = await people.held();
    await people.ask('pause', id);
    await Promise.all([people.ask('cancel', id), people.ask('rollback', id)]).catch(({ code }) =>
      expect(code).toBe('execution.ending'),
    );
    expect((await engine.ended(id)).status).toBe('rolled_back');
    expect(treeOf(folder)).toEqual(people.original());
  });

  it('is refused to another team, and by name to nobody', async () => {
    const { id, go } = await people.held();
    const theirs = { ...engine.ctx, team: person('x').id.replace(/^.{8}/, '00000000'), principal: person('other') };
    for (const request of contract.EXECUTION_REQUESTS) {
      const asked = engine.bus.call(theirs, contract.execution[request], { execution_id: id });
      await expect(asked).rejects.toMatchObject({ code: 'execution.not_found' });
    }
    go();
    expect((await engine.ended(id)).status).toBe('succeeded');
  });
});

describe('a rollback of a run that has ended', () => {
  const completions = async (id: string) =>
    (await engine.frames(id)).filter(({ type }) => type === 'completion').map(({ status }) => status);
  const factsOf = (id: string) =>
    engine.asAdmin<{ status: string; seq: number }>(
      `SELECT body->>'status' AS status, (body->>'journal_seq')::integer AS seq FROM executor.fact WHERE aggregate_id = $1 AND type = $2 ORDER BY version`,
      [id, contract.executionFinished.subject],
    );

  it('takes it all back, proven by digest, and ends it a second time in the same sequence', async () => {
    const { id, folder } = await people.succeeded();
    const before = await engine.get(id);
    expect(before).toMatchObject({ can: ['rollback'], phase: 'completed' });
    expect(await people.ask('rollback', id, 'not this week')).toMatchObject({
      status: 'verifying',
      phase: 'running',
      finished_at: null,
      rollback_requested: true,
    });
    const result = await engine.ended(id);
    expect(result).toMatchObject({ status: 'rolled_back', failure: { code: 'execution.rolled_back' }, can: [] });
    expect(Date.parse(result.finished_at!)).toBeGreaterThan(Date.parse(before.finished_at!));
    expect(statusesOf(result)).toEqual(['undone', 'undone']);
    for (const { undone } of actionsOf(result)) expect(undone!.after).toBe(undone!.before);
    expect(treeOf(folder)).toEqual(people.original());
    const frames = await engine.frames(id);
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, i) => i + 1));
    expect(frames.slice(before.last_seq).map(({ kind }) => kind)).toEqual([
      'execution.rollback_requested',
      ...['action.undoing', 'action.undone', 'action.undoing', 'action.undone'],
      'execution.finished',
    ]);
    expect(await completions(id)).toEqual(['succeeded', 'rolled_back']);
    expect(await factsOf(id)).toEqual([
      { status: 'succeeded', seq: before.last_seq },
      { status: 'rolled_back', seq: result.last_seq },
    ]);
    expect(await engine.asAdmin(`SELECT 1 FROM executor.workspace_lock WHERE execution_id = $1`, [id])).toEqual([]);
    expect(await people.refusalOf('rollback', id)).toBe('execution.nothing_to_undo');
    expect(await people.refusalOf('cancel', id)).toBe('execution.ended');
  });

  it('waits while another run works in the folder', async () => {
    const { id, folder } = await people.succeeded();
    const second = await engine.submit(HELD.replaceAll('first', 'other').replaceAll('last', 'final'), folder);
    await until('the second runs', () => 'log' in treeOf(folder));
    await people.ask('rollback', id);
    await until('it waits', async () => (await engine.get(id)).waits_for === second);
    expect(treeOf(folder)['first']).toBe('644 first');
    await people.ask('rollback', second);
    expect((await engine.ended(second)).status).toBe('rolled_back');
    expect((await engine.ended(id)).status).toBe('rolled_back');
    expect(treeOf(folder)).toEqual(people.original());
  });

  it('overwrites nothing that changed since: it stops there, says what, and can be asked for again', async () => {
    const { id, folder } = await people.succeeded();
    writeFileSync(join(folder, 'last'), 'edited');
    await people.ask('rollback', id);
    const result = await engine.ended(id);
    expect(result).toMatchObject({ status: 'rollback_failed', failure: { code: 'hold.conflict' } });
    expect(statusesOf(result)).toEqual(['kept', 'conflict']);
    expect(actionsOf(result)[1]!.undone!.problems).toEqual([{ path: 'last', reason: 'was changed by somebody else' }]);
    expect(treeOf(folder)).toEqual({ ...people.original(), first: '644 first', last: '644 edited' });
    writeFileSync(join(folder, 'last'), 'last');
    await people.ask('rollback', id);
    expect((await engine.ended(id)).status).toBe('rolled_back');
    expect(treeOf(folder)).toEqual(people.original());
    expect(await completions(id)).toEqual(['succeeded', 'rollback_failed', 'rolled_back']);
    expect(await factsOf(id)).toHaveLength(3);
  });

  it('of a cancelled or failed one takes back what was kept; what made it fail stays its reason', async () => {
    const { id, folder } = await people.held();
    await people.ask('cancel', id);
    expect((await engine.ended(id)).status).toBe('cancelled');
    await people.ask('rollback', id);
    expect(await engine.ended(id)).toMatchObject({ status: 'rolled_back', failure: { code: 'execution.rolled_back' } });
    expect(treeOf(folder)).toEqual(people.original());

    const other = engine.folder(FILES);
    const fail = `  - { id: fail, uses: file.delete@v1, with: { path: nothing } }\n`;
    const failed = await engine.submit(`${STEPS_HEAD}steps:\n${write('first')}${fail}`, other);
    const { failure } = await engine.ended(failed);
    await people.ask('rollback', failed);
    expect(await engine.ended(failed)).toMatchObject({ status: 'rolled_back', failure });
    expect(treeOf(other)).toEqual(people.original());
  });

  it('that changed nothing, or was denied, is refused', async () => {
    const { id } = await people.succeeded(
      `${STEPS_HEAD}steps:\n  - { id: l, uses: file.list@v1, with: { path: . } }\n`,
    );
    expect(await people.refusalOf('rollback', id)).toBe('execution.nothing_to_undo');
    engine.governance.policy = () => 'deny';
    const denied = await engine.submit(TWO, engine.folder(FILES));
    expect((await engine.ended(denied)).can).toEqual([]);
    expect(await people.refusalOf('rollback', denied)).toBe('execution.nothing_to_undo');
  });

  it('whose folder is gone fails and says so', async () => {
    const { id, folder } = await people.succeeded();
    rmSync(folder, { recursive: true });
    await people.ask('rollback', id);
    expect(await engine.ended(id)).toMatchObject({
      status: 'rollback_failed',
      failure: { code: 'workspace.not_found' },
      can: ['rollback'],
    });
  });

  it('whose action was never observed is undone where the tool names what it reaches, and never guessed at', async () => {
    const unseen = (id: string, step: number) =>
      engine.asAdmin(`UPDATE executor.hold SET left_manifest = NULL WHERE execution_id = $1 AND step = $2`, [id, step]);
    const { id, folder } = await people.succeeded();
    await unseen(id, 2);
    await people.ask('rollback', id);
    expect((await engine.ended(id)).status).toBe('rolled_back');
    expect(treeOf(folder)).toEqual(people.original());

    const echo = `  - { id: s, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "echo 1 > log"] }, expect: { created: [log] } }\n`;
    const shell = await people.succeeded(`${STEPS_HEAD}steps:\n${echo}`);
    await unseen(shell.id, 1);
    writeFileSync(join(shell.folder, 'theirs'), 'theirs');
    await people.ask('rollback', shell.id);
    const result = await engine.ended(shell.id);
    expect(result).toMatchObject({ status: 'rollback_failed', failure: { code: 'hold.undo_failed' } });
    expect(actionsOf(result)[0]!.undone!.problems[0]!.reason).toContain('never seen');
    expect(treeOf(shell.folder)).toMatchObject({ log: '644 1\n', theirs: '644 theirs' });
  });
});

it('an undo that the engine cannot carry out ends the run as rollback_failed, with the reason', async () => {
  const { id, folder } = await people.succeeded();
  await engine.asAdmin(`UPDATE executor.hold SET before_manifest = 'sha256:none' WHERE execution_id = $1`, [id]);
  await people.ask('rollback', id);
  await until('the undo has begun', async () => (await kindsOf(id)).includes('action.undoing'));
  await until('it failed', async () => {
    await engine.asAdmin(
      `UPDATE executor.work SET failures = 8, not_before = now() WHERE execution_id = $1 AND state = 'ready'`,
      [id],
    );
    return (await engine.get(id)).phase === 'completed';
  });
  const result = await engine.get(id);
  expect(result).toMatchObject({ status: 'rollback_failed', failure: { code: 'execution.engine_failed' } });
  expect(statusesOf(result)).toEqual(['kept', 'undo_failed']);
  expect(actionsOf(result)[1]!.undone).toMatchObject({
    outcome: 'undo_failed',
    problems: [{ reason: expect.any(String) }],
  });
  expect(await engine.asAdmin(`SELECT 1 FROM executor.hold WHERE status = 'undoing'`)).toEqual([]);
  expect((await engine.ended(await engine.submit(TWO, folder))).status).toBe('succeeded');
});
