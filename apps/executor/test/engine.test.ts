import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { executor as contract } from '#contracts';
import { until } from '#testing';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { marker } from '../src/sandbox/test/workspace.js';
import { actionsOf, type Engine, openEngine, statusesOf, STEPS_HEAD, treeOf } from './engine.js';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
  await engine.start();
});
afterAll(() => engine.close());

const run = async (steps: string, folder: string) => engine.ended(await engine.submit(`${STEPS_HEAD}${steps}`, folder));
const PROJECT = { 'a.txt': 'a', 'cache/x': 'x', 'cache/.y': 'y', 'keep/me': 'me' };

describe('a playbook', () => {
  it('that lists, computes, deletes and writes is verified, and its record says what is on disk', async () => {
    const folder = engine.folder(PROJECT);
    const { submitted, ...result } = await (async () => {
      const id = await engine.submit(
        `${STEPS_HEAD}steps:
  - id: scan
    uses: file.list@v1
    with: { path: . }
    outputs:
      caches: "\${{ steps.scan.result.entries.filter(e, e.path == 'cache').map(e, e.path) }}"
  - id: clean
    for_each: "\${{ steps.scan.outputs.caches }}"
    max: 3
    uses: file.delete@v1
    with: { path: "\${{ item }}", recursive: true }
  - id: note
    uses: file.write@v1
    with: { path: notes/done.md, content: "deleted \${{ size(steps.scan.outputs.caches) }}" }
`,
        folder,
      );
      return { submitted: id, ...(await engine.ended(id)) };
    })();
    expect(engine.prediction.asked).toEqual([
      expect.objectContaining({ execution_id: submitted, tools: ['file.list@v1', 'file.delete@v1', 'file.write@v1'] }),
    ]);
    expect(result).toMatchObject({ status: 'succeeded', failure: null, risk_score: 0.25, spec_violations: [] });
    expect(treeOf(folder)).toEqual({
      'a.txt': '644 a',
      keep: '755 ',
      'keep/me': '644 me',
      notes: '755 ',
      'notes/done.md': '644 deleted 1',
    });
    const [, clean] = actionsOf(result);
    expect(clean).toMatchObject({
      status: 'kept',
      predicted: { risk: 0.3, expected: ['deleted cache/**'] },
      decided: { decision: 'allow', policy_epoch: 7 },
      done: { ok: true, output: { path: 'cache' } },
      verified: { verdict: 'verified', change_count: 3, deviations: [] },
      undone: { outcome: 'kept' },
    });
    expect(clean!.undone!.before).not.toBe(clean!.undone!.after);
    const frames = await engine.frames(submitted);
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, i) => i + 1));
    expect(frames.map(({ type }) => type).lastIndexOf('completion')).toBe(frames.length - 1);
    expect(frames.at(-1)).toMatchObject({ status: 'succeeded', seq: result.last_seq });
  });

  it('is told by facts, without a gap in their versions: its beginning, what policy allowed, its end', async () => {
    const { id } = await run(`steps:\n  - { id: a, uses: file.list@v1, with: { path: . } }\n`, engine.folder({}));
    const facts = await engine.asAdmin(
      `SELECT type, version, body->>'status' AS status, body->'items' AS items
       FROM executor.fact WHERE aggregate_id = $1 ORDER BY version`,
      [id],
    );
    const allowed = (step: number, tool: string, paths: string[]) =>
      expect.objectContaining({ step, index: 0, tool, paths, policy_epoch: 7 });
    const items = [allowed(0, 'execution.submit@v1', []), allowed(1, 'file.list@v1', ['.'])];
    expect(facts).toEqual([
      { type: 'executor.execution.submitted.v1', version: 1, status: null, items: null },
      { type: 'executor.action.decided.v1', version: 2, status: null, items },
      { type: 'executor.execution.finished.v1', version: 3, status: 'succeeded', items: null },
    ]);
  });

  it('tells what was allowed now and then while it runs, and nothing twice', async () => {
    const steps = Array.from({ length: 60 }, (_, n) => `  - { id: s${n}, uses: file.list@v1, with: { path: . } }`);
    const { id } = await run(`steps:\n${steps.join('\n')}\n`, engine.folder({}));
    const facts = await engine.asAdmin<{ steps: number[] }>(
      `SELECT jsonb_path_query_array(body, '$.items[*].step') AS steps FROM executor.fact
       WHERE aggregate_id = $1 AND type = 'executor.action.decided.v1' ORDER BY version`,
      [id],
    );
    expect(facts.map((fact) => fact.steps.length)).toEqual([25, 25, 11]);
    expect(facts.flatMap((fact) => fact.steps)).toEqual(Array.from({ length: 61 }, (_, step) => step));
  });

  it('marks a run once it has met content from outside', async () => {
    const run1 = await run(
      `steps:\n  - { id: a, uses: file.read@v1, with: { path: a } }\n  - { id: b, uses: shell.run@v1, with: { argv: [ls] } }\n  - { id: c, uses: file.list@v1, with: { path: . } }\n`,
      engine.folder({ a: 'x' }),
    );
    const asked = engine.governance.requests.filter(({ execution_id }) => execution_id === run1.id);
    const seen = asked.map(({ taint }) => [taint.read_sensitive, taint.read_untrusted]);
    expect(seen).toEqual([
      [false, false],
      [false, false],
      [false, false],
      [true, true],
    ]);
  });

  it('keeps real arguments and outputs out of rows, and redacted ones in the record', async () => {
    const content = 'mail somebody@example.org';
    const folder = engine.folder({ 'in.txt': content });
    const result = await run(
      `steps:
  - { id: read, uses: file.read@v1, with: { path: in.txt }, outputs: { text: "\${{ steps.read.result.content }}" } }
  - { id: copy, uses: file.write@v1, with: { path: out.txt, content: "\${{ steps.read.outputs.text }}" } }
`,
      folder,
    );
    expect(result.status).toBe('succeeded');
    expect(treeOf(folder)['out.txt']).toBe(`644 ${content}`);
    const dump = await engine.asAdmin<{ text: string }>(
      `SELECT string_agg(row::text, ' ') AS text FROM (SELECT action::text AS row FROM executor.action UNION ALL SELECT journal::text FROM executor.journal UNION ALL SELECT step::text FROM executor.step) AS rows`,
    );
    expect(dump[0]!.text).not.toContain('somebody@example.org');
    expect(dump[0]!.text).toContain('[redacted:email]');
  });
});

describe('an effect that leaves its contract', () => {
  const deviate = (policy: string) => `steps:
  - { id: first, uses: file.write@v1, with: { path: first, content: "1" } }
  - id: stray
    uses: shell.run@v1
    with: { argv: [/bin/sh, -c, "echo x > a.txt; rm -r cache; mkdir new; echo y > new/f; echo out"] }
    expect: { modified: [a.txt] }
    on_failure: ${policy}
  - { id: last, uses: file.write@v1, with: { path: last, content: "2" } }
`;

  it('is undone by digest; the run stops there', async () => {
    const folder = engine.folder(PROJECT);
    const result = await run(deviate('stop'), folder);
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'contract.deviated' } });
    expect(statusesOf(result)).toEqual(['kept', 'undone']);
    const [first, stray] = actionsOf(result);
    expect(stray).toMatchObject({
      done: { ok: true, output: { stdout: 'out\n' } },
      verified: { verdict: 'deviated' },
      undone: { outcome: 'undone', problems: [] },
    });
    expect(stray!.undone!.after).toBe(stray!.undone!.before);
    expect(stray!.undone!.after).toBe(first!.verified!.manifest);
    expect(treeOf(folder)).toEqual({ ...treeOf(engine.folder(PROJECT)), first: '644 1' });
  });

  it('is undone while the run goes on where the playbook says so, and the run has failed all the same', async () => {
    const folder = engine.folder(PROJECT);
    const result = await run(deviate('continue'), folder);
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'contract.deviated' } });
    expect(statusesOf(result)).toEqual(['kept', 'undone', 'kept']);
    expect(treeOf(folder)).toEqual({ ...treeOf(engine.folder(PROJECT)), first: '644 1', last: '644 2' });
  });

  it('takes everything before it back, last first, where the playbook asks for a rollback', async () => {
    const folder = engine.folder(PROJECT);
    const before = treeOf(folder);
    const steps = deviate('rollback').replace(
      'steps:\n',
      'steps:\n  - { id: zero, uses: file.write@v1, with: { path: first, content: "0" } }\n',
    );
    const result = await run(steps, folder);
    expect(result).toMatchObject({ status: 'rolled_back', failure: { code: 'contract.deviated' } });
    expect(statusesOf(result)).toEqual(['undone', 'undone', 'undone']);
    expect(treeOf(folder)).toEqual(before);
    const undone = (await engine.frames(result.id)).filter(
      ({ kind, step }) => kind === 'action.undone' && step!.actions[0]!.undone!.outcome === 'undone',
    );
    expect(undone.map(({ step }) => step!.step)).toEqual([3, 2, 1]);
    expect(actionsOf(result)[0]!.undone!.after).toBe(actionsOf(result)[0]!.undone!.before);
  });

  it('is not undone over what somebody else wrote meanwhile: theirs stays and the record names it', async () => {
    const folder = engine.folder(PROJECT);
    engine.governance.policy = ({ step }) => {
      if (step === 3) writeFileSync(join(folder, 'first'), 'theirs');
      return 'allow';
    };
    const result = await run(
      `on_failure: rollback
steps:
  - { id: first, uses: file.write@v1, with: { path: first, content: "1" } }
  - { id: second, uses: file.write@v1, with: { path: second, content: "2" } }
  - { id: fail, uses: file.delete@v1, with: { path: nothing } }
`,
      folder,
    );
    engine.governance.policy = () => 'allow';
    expect(result).toMatchObject({ status: 'rollback_failed', failure: { code: 'hold.conflict' } });
    expect(statusesOf(result)).toEqual(['kept', 'conflict', 'kept']);
    expect(actionsOf(result)[1]!.undone!.problems).toEqual([{ path: 'first', reason: 'was changed by somebody else' }]);
    expect(treeOf(folder)).toEqual({ ...treeOf(engine.folder(PROJECT)), first: '644 theirs' });
  });
});

describe('a cancel', () => {
  it('ends a program that runs, with everything it started, and undoes what it did; what was kept stays', async () => {
    const folder = engine.folder(PROJECT);
    const { sleep, count } = marker();
    const id = await engine.submit(
      `${STEPS_HEAD}steps:
  - { id: first, uses: file.write@v1, with: { path: first, content: "1" } }
  - { id: long, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "rm a.txt; setsid ${sleep} & ${sleep}"] } }
  - { id: last, uses: file.write@v1, with: { path: last, content: "2" } }
`,
      folder,
    );
    await until('the program runs', async () => (await count()) === 2);
    expect((await engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: id })).phase).toBe('running');
    const result = await engine.ended(id);
    expect(await count()).toBe(0);
    expect(result).toMatchObject({ status: 'cancelled', failure: { code: 'execution.cancelled' } });
    expect(statusesOf(result)).toEqual(['kept', 'undone']);
    expect(actionsOf(result)[1]!.done!.failure!.code).toBe('shell.cancelled');
    expect(treeOf(folder)).toEqual({ ...treeOf(engine.folder(PROJECT)), first: '644 1' });
    const again = engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: id });
    await expect(again).rejects.toMatchObject({ code: 'execution.ended' });
  });
});

it('runs in one folder come one after the other; others do not wait for them', async () => {
  const folder = engine.folder({ 'count.txt': '' });
  const add = `${STEPS_HEAD}steps:
  - { id: add, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "echo x >> count.txt"] }, expect: { modified: [count.txt] } }
`;
  const ids = await Promise.all([1, 2, 3].map(() => engine.submit(add, folder)));
  const results = await Promise.all(ids.map((id) => engine.ended(id)));
  expect(results.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  expect(treeOf(folder)['count.txt']).toBe('644 x\nx\nx\n');
  const times = results
    .map((one) => [Date.parse(one.started_at!), Date.parse(one.finished_at!)])
    .sort(([a], [b]) => a! - b!);
  for (const [i, [start]] of times.entries()) if (i > 0) expect(start).toBeGreaterThanOrEqual(times[i - 1]![1]!);
});
