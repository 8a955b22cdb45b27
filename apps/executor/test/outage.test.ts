import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { executor as contract } from '#contracts';
import { callContext, until } from '#testing';
import { actionsOf, type Engine, openEngine, STEPS_HEAD, treeOf } from './engine.js';
import { startGovernance } from './governance.js';
import { startPrediction } from './prediction.js';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
  await Promise.all([engine.start(), engine.start()]);
});
afterAll(() => engine.close());

const WRITE = `${STEPS_HEAD}steps:\n  - { id: write, uses: file.write@v1, with: { path: f, content: "1" } }\n`;
const failuresOf = async (id: string) =>
  (await engine.asAdmin<{ failures: number }>(`SELECT failures FROM executor.work WHERE execution_id = $1`, [id]))[0]!
    .failures;

describe('while governance does not answer', () => {
  it('nothing runs; when it is back the run goes on by itself', async () => {
    const folder = engine.folder({});
    await engine.governance.stop();
    const id = await engine.submit(WRITE, folder);
    await until('it was tried more than once', async () => (await failuresOf(id)) >= 2);
    expect(await engine.get(id)).toMatchObject({ status: 'submitted', prediction: { predicted_risk: 0.2 } });
    expect(treeOf(folder)).toEqual({});
    engine.governance = await startGovernance(engine.platform);
    expect(await engine.ended(id)).toMatchObject({ status: 'succeeded' });
    expect(treeOf(folder)).toEqual({ f: '644 1' });
  });

  it('between two actions, the second does not run until it is back', async () => {
    const folder = engine.folder({});
    engine.prediction.beforeAssessing = async ({ step }) => {
      if (step === 2) await engine.governance.stop();
    };
    const more = `${WRITE}  - { id: more, uses: file.write@v1, with: { path: g, content: "2" } }\n`;
    const id = await engine.submit(more, folder);
    await until('it was tried more than once', async () => (await failuresOf(id)) >= 2);
    expect(treeOf(folder)).toEqual({ f: '644 1' });
    engine.prediction.beforeAssessing = async () => undefined;
    engine.governance = await startGovernance(engine.platform);
    expect(await engine.ended(id)).toMatchObject({ status: 'succeeded' });
    expect(treeOf(folder)).toEqual({ f: '644 1', g: '644 2' });
  });
});

describe('while prediction does not answer', () => {
  it('policy decides without it, and every record says so', async () => {
    await engine.prediction.stop();
    engine.governance.requests.length = 0;
    const result = await engine.ended(await engine.submit(WRITE, engine.folder({})));
    engine.prediction = await startPrediction(engine.platform);
    expect(result).toMatchObject({ status: 'succeeded', prediction: null, risk_score: 0 });
    expect(actionsOf(result)[0]!.predicted).toMatchObject({
      risk: null,
      findings: [{ code: 'prediction.unavailable', severity: 'medium' }],
    });
    expect(engine.governance.requests.map(({ risk }) => risk)).toEqual([null, null]);
    const analyzed = (await engine.frames(result.id)).filter(({ kind }) => kind === 'step.analyzed');
    for (const { findings } of analyzed) expect(findings).toMatchObject([{ code: 'analysis.unavailable' }]);
    expect(analyzed.length).toBeGreaterThan(0);
  });

  it('its memory of a run is handed back to it step by step', async () => {
    const id = await engine.submit(
      `${WRITE}  - { id: more, uses: file.read@v1, with: { path: f } }\n`,
      engine.folder({}),
    );
    await engine.ended(id);
    const own = engine.prediction.analyzed.filter((one) => one.execution_id === id);
    expect(own.map(({ state }) => state ?? null).slice(0, 2)).toEqual([null, { seen: 1 }]);
  });
});

describe('two executors on one platform', () => {
  it('drive twenty runs, and no effect happens twice', async () => {
    const append = `${STEPS_HEAD}steps:
  - { id: one, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "echo 1 >> log"] }, expect: { modified: [log] } }
  - { id: two, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "echo 2 >> log"] }, expect: { modified: [log] } }
  - { id: rest, uses: file.delete@v1, with: { path: rest } }
`;
    const folders = Array.from({ length: 20 }, () => engine.folder({ log: '', rest: 'x' }));
    const ids = await Promise.all(folders.map((folder) => engine.submit(append, folder)));
    const results = await Promise.all(ids.map((id) => engine.ended(id)));
    expect(results.map(({ status }) => status)).toEqual(Array(20).fill('succeeded'));
    for (const folder of folders) expect(treeOf(folder)).toEqual({ log: '644 1\n2\n' });
    for (const id of ids) {
      const frames = await engine.frames(id);
      expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, i) => i + 1));
      expect(frames.filter(({ kind }) => kind === 'action.started')).toHaveLength(3);
    }
  });
});

describe('another team', () => {
  it('finds nothing of a run, and cannot end it', async () => {
    const { id } = await engine.ended(await engine.submit(WRITE, engine.folder({})));
    const theirs = callContext();
    const { bus } = engine;
    const calls = [
      bus.call(theirs, contract.execution.get, { execution_id: id }),
      bus.call(theirs, contract.execution.steps, { execution_id: id }),
      bus.call(theirs, contract.execution.cancel, { execution_id: id }),
      bus.call(theirs, contract.journal.read, { execution_id: id }),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'execution.not_found' });
    expect(await bus.call(theirs, contract.execution.list, {})).toEqual({ items: [], next_cursor: null });
  });

  it('a cursor that is none is refused as input', async () => {
    const list = engine.bus.call(engine.ctx, contract.execution.list, { cursor: 'x' });
    await expect(list).rejects.toMatchObject({ code: 'input.invalid', details: { errors: [{ path: '/cursor' }] } });
    const pages = [];
    for (let cursor: string | undefined; ;) {
      const page = await engine.bus.call(engine.ctx, contract.execution.list, { limit: 9, cursor });
      pages.push(...page.items.map(({ id }) => id));
      if (!page.next_cursor) break;
      cursor = page.next_cursor;
    }
    expect(pages).toEqual([...new Set(pages)].sort().reverse());
  });
});
