import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { executor as contract } from '#contracts';
import type { RunningService } from '#service';
import { until } from '#testing';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { marker } from '../src/sandbox/test/workspace.js';
import { WORK_SOURCE, type WorkSource } from '../src/work/work-source.js';
import { actionsOf, type Engine, openEngine, statusesOf, STEPS_HEAD, treeOf } from './engine.js';
import { contentsOf } from './lives.js';
import { type Death, makeMortal, type Mortal } from './mortal.js';

let engine: Engine;
let services: RunningService[];
let first: Mortal;
let second: Mortal;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());
beforeEach(async () => {
  services = [await engine.start(), await engine.start()];
  [first, second] = (await Promise.all(services.map(makeMortal))) as [Mortal, Mortal];
});
afterEach(async () => {
  for (const service of services) await service.close();
});

const letLeasesExpire = () =>
  engine.asAdmin(`UPDATE executor.work SET lease_until = '-infinity' WHERE state = 'leased'`);
const epochOf = async (id: string) =>
  (await engine.asAdmin<{ epoch: number }>(`SELECT epoch FROM executor.execution WHERE id = $1`, [id]))[0]!.epoch;
const FILES = { log: '0\n', f: 'old', g: 'mine' };
const one = (step: string): string => `${STEPS_HEAD}steps:\n  - ${step}\n`;

/** A run that the first engine has lost where its action had begun, or between its effect and its result. */
const lost = async (playbook: string, kind: string, moment: Death['moment']) => {
  const folder = engine.folder(FILES);
  const id = await engine.submit(playbook, folder);
  first.deathOf = (asked) => {
    const made = first.commits.get(asked) ?? [];
    const at = made.findIndex((kinds) => kinds.includes(kind)) + 1;
    if (moment === 'after') return at > 0 ? { commit: at, moment } : null;
    const before = made.findIndex((kinds) => kinds.includes('action.started')) + 1;
    return before > 0 ? { commit: before + 1, moment } : null;
  };
  first.work();
  await until('the first engine has lost it', () => first.dead.has(id));
  await first.pause();
  await letLeasesExpire();
  return { id, folder };
};
const begun = (playbook: string) => lost(playbook, 'action.started', 'after');
const done = (playbook: string) => lost(playbook, 'action.done', 'before');

describe('an action that nobody saw finish', () => {
  const write = one('{ id: w, uses: file.write@v1, with: { path: new/f, content: n } }');
  const add = one(
    '{ id: s, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "echo 1 >> log"] }, expect: { modified: [log] } }',
  );

  it('but that did, is found in the folder and not done again where that can be told', async () => {
    const { id, folder } = await done(write);
    expect(contentsOf(folder)['new/f']).toBe('n');
    second.work();
    const result = await engine.ended(id);
    expect(result.status).toBe('succeeded');
    expect((await engine.frames(id)).filter(({ kind }) => kind === 'action.recovered')).toEqual([]);
    expect(actionsOf(result)[0]).toMatchObject({
      done: { ok: true, output: { path: 'new/f', size: 1 } },
      verified: { change_count: 2 },
    });
  });

  it('is undone and done again where that cannot be told', async () => {
    const { id, folder } = await done(add);
    expect(contentsOf(folder).log).toBe('0\n1\n');
    second.work();
    expect((await engine.ended(id)).status).toBe('succeeded');
    expect((await engine.frames(id)).filter(({ kind }) => kind === 'action.recovered')).toHaveLength(1);
    expect(contentsOf(folder).log).toBe('0\n1\n');
  });

  it('does not begin when its contract was edited after the decision', async () => {
    const { id, folder } = await lost(add, 'action.decided', 'after');
    await engine.asAdmin(
      `UPDATE executor.action SET contract = jsonb_set(contract, '{may,0,path}', '"f"') WHERE execution_id = $1`,
      [id],
    );
    second.work();
    expect(await engine.ended(id)).toMatchObject({ status: 'failed', failure: { code: 'contract.edited' } });
    expect(contentsOf(folder)).toEqual(FILES);
  });

  it('is undone and not done again when the run was cancelled meanwhile', async () => {
    const { id, folder } = await done(add);
    await engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: id });
    second.work();
    const result = await engine.ended(id);
    expect(result.status).toBe('cancelled');
    expect(actionsOf(result)[0]!.done!.failure!.code).toBe('action.cancelled');
    expect(contentsOf(folder)).toEqual(FILES);
  });

  it('is undone and left, when this happened four times', async () => {
    const { id, folder } = await done(add);
    await engine.asAdmin(`UPDATE executor.action SET attempts = 4 WHERE execution_id = $1`, [id]);
    second.work();
    const result = await engine.ended(id);
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'action.interrupted' } });
    expect(contentsOf(folder)).toEqual(FILES);
  });

  it('left a thing that no snapshot can hold: it goes, and the action is done again', async () => {
    const { id, folder } = await begun(add);
    writeFileSync(join(folder, 'log'), 'torn');
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    second.work();
    expect((await engine.ended(id)).status).toBe('succeeded');
    expect(contentsOf(folder)).toEqual({ ...FILES, log: '0\n1\n' });
  });

  it('of a tool that reaches only what it names: what somebody else changed since is theirs, and a person has to look', async () => {
    const { id, folder } = await begun(write);
    writeFileSync(join(folder, 'g'), 'edited while nobody was there');
    rmSync(join(folder, 'f'));
    second.work();
    const paused = await engine.inStatus(id, 'paused');
    expect(paused.paused_reason).toBe('inconclusive');
    expect(actionsOf(paused)[0]).toMatchObject({
      status: 'inconclusive',
      verified: { verdict: 'inconclusive', deviations: [{ path: 'f' }, { path: 'g' }] },
    });
    await engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: id });
    expect((await engine.ended(id)).status).toBe('cancelled');
    expect(contentsOf(folder)).toEqual({ log: '0\n', g: 'edited while nobody was there' });
  });
});

/** A run in the middle of its command, which the first engine believes to hold and the second one has taken. */
const taken = async () => {
  const wait = 'echo 1 >> log; until [ -e go ]; do sleep 0.02; done';
  const step = `{ id: s, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "${wait}"] }, expect: { modified: [log], created: [go] } }`;
  const folder = engine.folder(FILES);
  const id = await engine.submit(one(step), folder);
  first.work();
  await until('the first engine acts', () => contentsOf(folder).log === '0\n1\n');
  first.deaf = true;
  await first.pause();
  await letLeasesExpire();
  second.work();
  await until('the second engine has taken it', async () => (await epochOf(id)) > 1);
  return { id, folder };
};

describe('an engine that lost its lease without knowing', () => {
  it('writes nothing more once another one has taken the run, and no effect counts twice', async () => {
    const { id, folder } = await taken();
    writeFileSync(join(folder, 'go'), '');
    const frames = () => engine.frames(id);
    await until('the second engine acts', async () => (await frames()).some(({ kind }) => kind === 'action.recovered'));
    await until('and has done what it can', () => contentsOf(folder).log === '0\n1\n');
    writeFileSync(join(folder, 'go'), '');
    const result = await engine.ended(id);
    expect(result.status).toBe('succeeded');
    expect(first.commits.get(id)!.flat()).not.toContain('action.done');
    expect(contentsOf(folder)).toEqual({ ...FILES, log: '0\n1\n', go: '' });
    expect((await engine.frames(id)).filter(({ kind }) => kind === 'action.verified')).toHaveLength(1);
  });

  it('ends its program as soon as it learns so, and lets the other one in', async () => {
    const { id, folder } = await taken();
    first.deaf = false;
    await until('the second engine begins again', async () =>
      (await engine.frames(id)).some(({ kind }) => kind === 'action.recovered'),
    );
    await until('and has done what it can', () => contentsOf(folder).log === '0\n1\n');
    writeFileSync(join(folder, 'go'), '');
    expect((await engine.ended(id)).status).toBe('succeeded');
    expect(contentsOf(folder)).toEqual({ ...FILES, log: '0\n1\n', go: '' });
  });
});

describe('an engine that cannot keep its lease', () => {
  it('stops its program before anybody else could begin', async () => {
    const alone = await engine.start(1, { EXECUTOR_LEASE_SECONDS: '3' });
    services.push(alone);
    const { sleep, count } = marker();
    const folder = engine.folder(FILES);
    const id = await engine.submit(
      one(`{ id: s, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "${sleep}"] } }`),
      folder,
    );
    await until('the program runs', async () => (await count()) === 1);
    const source = alone.app.get<WorkSource>(WORK_SOURCE);
    source.heartbeat = () => Promise.reject(new Error('out of reach'));
    source.claim = async () => [];
    source.finish = source.heartbeat as never;
    await until('the program is gone', async () => (await count()) === 0);
    const [work] = await engine.asAdmin<{ leased: boolean }>(
      `SELECT state = 'leased' AND lease_until > clock_timestamp() AS leased FROM executor.work WHERE execution_id = $1`,
      [id],
    );
    expect(work!.leased).toBe(true);
    expect(statusesOf(await engine.get(id))).toEqual(['started']);
    await engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: id });
    await letLeasesExpire();
    second.work();
    expect((await engine.ended(id)).status).toBe('cancelled');
  });
});

describe('an engine that is told to stop', () => {
  it('ends its program at once, and another engine undoes and does it again', async () => {
    const folder = engine.folder(FILES);
    const script = 'echo 1 >> log; if [ ! -e again ]; then sleep 60; fi';
    const step = `{ id: s, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "${script}"] }, expect: { modified: [log], created: [again] } }`;
    const id = await engine.submit(one(step), folder);
    first.work();
    await until('the program runs', () => contentsOf(folder).log === '0\n1\n');
    await services.shift()!.close();
    expect(statusesOf(await engine.get(id))).toEqual(['started']);
    second.work();
    await until('it runs again', async () => (await engine.frames(id)).some(({ kind }) => kind === 'action.recovered'));
    await until('and has written', () => contentsOf(folder).log === '0\n1\n');
    await engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: id });
    expect((await engine.ended(id)).status).toBe('cancelled');
    expect(treeOf(folder)).toEqual(treeOf(engine.folder(FILES)));
  });
});
