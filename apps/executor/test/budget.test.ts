import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { executor as contract } from '#contracts';
import { until } from '#testing';
import { actionsOf, type Engine, openEngine, statusesOf, STEPS_HEAD, treeOf } from './engine.js';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
  await engine.start();
});
afterAll(() => engine.close());
afterEach(() => {
  engine.governance.budget = () => ({});
});

const THREE = `${STEPS_HEAD}steps:\n${[1, 2, 3].map((n) => `  - { id: w${n}, uses: file.write@v1, with: { path: f${n}, content: "${n}" } }\n`).join('')}`;
const SPENT = { granted: false, amounts: {}, exhausted: 'The hard limit of the team, 2 steps, is reached.' };
const STEPS = { limited: ['steps' as const] };
const kindsOf = async (id: string) => (await engine.frames(id)).map(({ kind }) => kind);
const ask = (request: 'resume' | 'cancel', id: string, roles: ('admin' | 'operator')[] = ['admin']) =>
  engine.bus.call({ ...engine.ctx, roles }, contract.execution[request], { execution_id: id });

/** A run whose team has two steps, paused before its third. */
const outOfBudget = async (): Promise<{ id: string; folder: string }> => {
  engine.governance.budget = ({ key }) => (key.endsWith('/3/step') ? { ...SPENT, ...STEPS } : STEPS);
  const folder = engine.folder({});
  const id = await engine.submit(THREE, folder);
  const paused = await engine.inStatus(id, 'paused');
  expect(paused).toMatchObject({ paused_reason: 'budget', can: ['resume', 'cancel', 'rollback'] });
  expect(Object.keys(treeOf(folder))).toEqual(['f1', 'f2']);
  return { id, folder };
};

describe('a run whose budget is spent', () => {
  it('is paused before its next step, says why, and goes on once the limit is raised', async () => {
    const { id, folder } = await outOfBudget();
    const told = (await engine.frames(id)).find(({ kind }) => kind === 'execution.paused')!;
    expect(told).toMatchObject({
      paused_reason: 'budget',
      failure: { code: 'budget.exhausted', message: SPENT.exhausted },
    });
    await engine.governance.changeBudget(engine.ctx);
    await until('it to have looked again', async () => {
      const [work] = await engine.asAdmin<{ attempt: number }>(
        `SELECT attempt FROM executor.work WHERE execution_id = $1`,
        [id],
      );
      return work!.attempt > 1;
    });
    engine.governance.budget = () => STEPS;
    await engine.governance.changeBudget(engine.ctx);
    const result = await engine.ended(id);
    expect(result.status).toBe('succeeded');
    expect(Object.keys(treeOf(folder))).toEqual(['f1', 'f2', 'f3']);
    expect((await kindsOf(id)).filter((kind) => /paused|resumed/.test(kind))).toEqual([
      'execution.paused',
      'execution.resumed',
    ]);
  });

  it('is resumed by nobody who may not raise the limit; an admin lets it go on beyond', async () => {
    const { id } = await outOfBudget();
    const before = await kindsOf(id);
    await expect(ask('resume', id, ['operator'])).rejects.toMatchObject({
      code: 'budget.beyond_yours',
      message: expect.stringMatching(/only an admin lets it go on beyond the limit/),
    });
    expect(await kindsOf(id)).toEqual(before);
    expect((await engine.get(id)).status).toBe('paused');
    const overs: (boolean | undefined)[] = [];
    engine.governance.budget = ({ over }) => {
      overs.push(over);
      return over ? STEPS : { ...SPENT, ...STEPS };
    };
    await ask('resume', id);
    expect((await engine.ended(id)).status).toBe('succeeded');
    expect(overs.at(-1)).toBe(true);
  });

  it('can be cancelled while it waits', async () => {
    const { id } = await outOfBudget();
    await ask('cancel', id);
    expect((await engine.ended(id)).status).toBe('cancelled');
  });
});

it('what a step and its actions spent is settled by what the record says', async () => {
  engine.governance.budget = ({ amounts }) => ({ limited: ['steps', 'wall_ms'], amounts });
  engine.governance.spent.clear();
  const result = await engine.ended(await engine.submit(THREE, engine.folder({})));
  expect(result.status).toBe('succeeded');
  const durations = actionsOf(result).map(({ key, done }) => [key, { wall_ms: done!.duration_ms }]);
  const steps = [1, 2, 3].map((n) => [`${result.id}/${n}/step`, { steps: 1 }]);
  expect(Object.fromEntries(engine.governance.spent)).toEqual(Object.fromEntries([...durations, ...steps]));
});

it('nothing is asked for time of tools, nor settled, where there is no budget', async () => {
  const asked: string[] = [];
  engine.governance.budget = ({ key }) => {
    asked.push(key.split('/').slice(1).join('/'));
    return {};
  };
  engine.governance.spent.clear();
  await engine.ended(await engine.submit(THREE, engine.folder({})));
  expect(asked).toEqual(['1/step', '2/step', '3/step']);
  expect(engine.governance.spent.size).toBe(0);
});

it('a tool ends when the time its budget has left is spent, and its effect is undone', async () => {
  engine.governance.budget = ({ amounts }) => ({
    limited: ['wall_ms'],
    amounts: amounts.wall_ms ? { wall_ms: 300 } : amounts,
  });
  const folder = engine.folder({ a: 'a' });
  const steps = `${STEPS_HEAD}steps:\n  - { id: long, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "rm a; sleep 50"] } }\n`;
  const result = await engine.ended(await engine.submit(steps, folder));
  expect(result).toMatchObject({ status: 'failed', failure: { code: 'budget.exhausted' } });
  expect(statusesOf(result)).toEqual(['undone']);
  expect(treeOf(folder)).toEqual({ a: '644 a' });
});

it('a soft limit is a finding of the run, which goes on', async () => {
  engine.governance.budget = ({ key }) => ({
    ...STEPS,
    warnings: key.endsWith('/2/step') ? ['The soft limit is reached.'] : [],
  });
  const result = await engine.ended(await engine.submit(THREE, engine.folder({})));
  expect(result.status).toBe('succeeded');
  const found = (await engine.frames(result.id)).flatMap(({ findings }) => findings ?? []);
  expect(found.filter(({ code }) => code === 'budget.soft_limit')).toEqual([
    { code: 'budget.soft_limit', severity: 'medium', sentence: 'The soft limit is reached.' },
  ]);
});
