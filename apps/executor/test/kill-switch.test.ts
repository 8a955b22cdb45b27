import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { executor as contract, type governance } from '#contracts';
import { until } from '#testing';
import { marker } from '../src/sandbox/test/workspace.js';
import { actionsOf, type Engine, openEngine, statusesOf, STEPS_HEAD, treeOf } from './engine.js';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
  await engine.start();
  await engine.start();
});
afterAll(() => engine.close());
beforeEach(() => {
  engine.governance.policy = () => 'allow';
  engine.governance.kill();
});

const writing = (count: number): string =>
  `${STEPS_HEAD}steps:\n${Array.from({ length: count }, (_, n) => `  - { id: w${n}, uses: file.write@v1, with: { path: f${n}, content: "${n}" } }\n`).join('')}`;
const epoch = (): number => (engine.governance.kills as governance.KillState).epoch;
const obeyed = (): Promise<unknown> =>
  until('both executors to obey and to have counted', () => {
    const reports = [...engine.governance.reports.values()].slice(-2);
    const { orders } = engine.governance.kills as governance.KillState;
    return reports.every((one) => one.epoch === epoch() && orders.every(({ id }) => id in one.stopping));
  });

describe('a kill switch that is engaged while runs are under way', () => {
  it('ends their programs, undoes what these did, and is reported until nothing is left', async () => {
    const folder = engine.folder({ 'a.txt': 'a' });
    const { sleep, count } = marker();
    const id = await engine.submit(
      `${STEPS_HEAD}steps:
  - { id: first, uses: file.write@v1, with: { path: first, content: "1" } }
  - { id: long, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "rm a.txt; ${sleep}"] } }
  - { id: last, uses: file.write@v1, with: { path: last, content: "2" } }
`,
      folder,
    );
    await until('the program runs', async () => (await count()) === 1);
    engine.governance.kill({ scope: 'team', team: engine.ctx.team, reason: 'Enough.' });
    const result = await engine.ended(id);
    expect(await count()).toBe(0);
    expect(result).toMatchObject({
      status: 'cancelled',
      failure: {
        code: 'execution.stopped',
        message: expect.stringMatching(
          /^The run was stopped by the kill switch for the team \(\S+, set by stopper@example\.org\): Enough\.$/,
        ),
      },
    });
    expect(statusesOf(result)).toEqual(['kept', 'undone']);
    expect(treeOf(folder)).toEqual({ 'a.txt': '644 a', first: '644 1' });
    const asked = (await engine.frames(id)).filter(({ kind }) => kind === 'execution.cancel_requested');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      by: { name: 'stopper@example.org' },
      reason: expect.stringMatching(/^The kill switch for the team is engaged .*: Enough\.$/),
    });
    await obeyed();
    const [{ id: order }] = (engine.governance.kills as governance.KillState).orders as [governance.KillOrder];
    await until('nothing to be left', () =>
      [...engine.governance.reports.values()].slice(-2).every((one) => one.stopping[order] === 0),
    );
  });

  it('leaves the runs of other agents alone', async () => {
    const { sleep, count } = marker();
    const id = await engine.submit(
      `${STEPS_HEAD}steps:\n  - { id: long, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "${sleep} & wait $! || true"], timeout_ms: 1500 } }\n`,
      engine.folder({}),
    );
    await until('the program runs', async () => (await count()) === 1);
    engine.governance.kill({ scope: 'agent', team: engine.ctx.team, target: 'somebody-else' });
    await obeyed();
    const result = await engine.ended(id);
    expect(result.cancel_requested).toBe(false);
    expect(actionsOf(result)[0]!.done!.failure!.code).toBe('shell.timed_out');
  });

  it('of an agent ends the runs of the playbook of that name, whatever agent they run as', async () => {
    const { sleep, count } = marker();
    const { digest } = await engine.bus.call(engine.ctx, contract.playbook.register, {
      source: `name: many\n${STEPS_HEAD.replace(/^name: .*\n/m, '')}steps:\n  - { id: long, uses: shell.run@v1, with: { argv: [/bin/sh, -c, "${sleep}"] } }\n`,
    });
    const submit = async (): Promise<string> => {
      const input = { task_description: 'of a test', agent_type: 'playbook', playbook: { digest }, agent_id: 'many-2' };
      const workspace = { kind: 'local' as const, path: engine.folder({}) };
      return (await engine.bus.call(engine.ctx, contract.execution.submit, { ...input, workspace })).id;
    };
    const id = await submit();
    await until('the program runs', async () => (await count()) === 1);
    engine.governance.kill({ scope: 'agent', team: engine.ctx.team, target: 'many', reason: 'It loops.' });
    const result = await engine.ended(id);
    expect(await count()).toBe(0);
    expect(result).toMatchObject({
      agent_id: 'many-2',
      status: 'cancelled',
      failure: { code: 'execution.stopped', message: expect.stringMatching(/the agent many .*: It loops\.$/) },
    });
    // Its submission names the playbook, so that governance can refuse it; and where that has let it in, the gate stands.
    const next = await submit();
    expect((await engine.ended(next)).status).toBe('cancelled');
    const asked = engine.governance.requests.filter(({ execution_id }) => execution_id === next);
    expect(asked[0]).toMatchObject({ step: 0, agent_id: 'many-2', playbook: 'many' });
    expect(await count()).toBe(0);
  });

  it('of a tool cancels the runs that are about to use it, and a rehearsal of it none', async () => {
    engine.governance.policy = ({ tool }) => (tool === 'file.delete@v1' ? 'ask' : 'allow');
    const asking = `${STEPS_HEAD}steps:\n  - { id: drop, uses: file.delete@v1, with: { path: a } }\n`;
    const id = await engine.submit(asking, engine.folder({ a: 'a' }));
    await engine.inStatus(id, 'paused');
    const order = { scope: 'tool' as const, team: engine.ctx.team, target: 'file.delete' };
    engine.governance.kill({ ...order, rehearsal: true });
    await obeyed();
    const reports = [...engine.governance.reports.values()].slice(-2);
    expect(reports.map(({ stopping }) => Object.values(stopping))).toEqual([[1], [1]]);
    expect((await engine.get(id)).cancel_requested).toBe(false);
    engine.governance.kill(order);
    expect((await engine.ended(id)).status).toBe('cancelled');
  });
});

describe('right before an effect', () => {
  it('a switch that governance did not know when it decided keeps it from beginning', async () => {
    const folder = engine.folder({});
    engine.governance.policy = ({ step }) => {
      // Of this agent alone: the run itself is not what is stopped here, only what it is about to do.
      if (step === 2) engine.governance.kill({ scope: 'tool', team: engine.ctx.team, target: 'file.write@v1' });
      return 'allow';
    };
    const result = await engine.ended(await engine.submit(writing(3), folder));
    expect(Object.keys(treeOf(folder))).toEqual(['f0']);
    expect(result).toMatchObject({ status: 'cancelled' });
    expect(statusesOf(result)).toEqual(['kept', expect.stringMatching(/^(refused|skipped)$/)]);
    const asked = (await engine.frames(result.id)).filter(({ kind }) => kind === 'execution.cancel_requested');
    expect(asked.map(({ by }) => by!.name)).toEqual(['stopper@example.org']);
  });

  it('nothing begins while nobody says what is engaged; then it goes on', async () => {
    const folder = engine.folder({});
    engine.governance.policy = ({ step }) => (step === 2 ? 'ask' : 'allow');
    const id = await engine.submit(writing(2), folder);
    await engine.inStatus(id, 'paused');
    engine.governance.kills = 'silent';
    const since = performance.now();
    await until('nothing that was said to be fresh any more', () => performance.now() - since > 1_000);
    await engine.governance.decide(engine.governance.asked.at(-1)!, 'approved');
    await until('the run to have been tried again', async () => {
      const [work] = await engine.asAdmin<{ attempt: number }>(
        `SELECT attempt FROM executor.work WHERE execution_id = $1`,
        [id],
      );
      return work!.attempt >= 3;
    });
    expect(Object.keys(treeOf(folder))).toEqual(['f0']);
    expect((await engine.frames(id)).filter(({ kind }) => kind === 'action.started')).toHaveLength(1);
    engine.governance.kills = { epoch: 1_000, orders: [] };
    const result = await engine.ended(id);
    expect(result.status).toBe('succeeded');
    expect(Object.keys(treeOf(folder))).toEqual(['f0', 'f1']);
  });
});

it('an executor that starts while a switch is engaged obeys it before it does anything', async () => {
  const fresh = await openEngine();
  try {
    fresh.governance.kills = { epoch: 7, orders: [] };
    const folder = fresh.folder({});
    const first = await fresh.start();
    const id = await fresh.submit(
      `${STEPS_HEAD}steps:\n  - { id: drop, uses: file.write@v1, with: { path: a, content: "1" } }\n`,
      folder,
    );
    await fresh.ended(id);
    fresh.governance.policy = () => 'ask';
    const waiting = await fresh.submit(writing(1), folder);
    await fresh.inStatus(waiting, 'awaiting_approval');
    await first.close();
    fresh.governance.kill({ scope: 'all', reason: 'While it was away.' });
    await fresh.governance.decide(fresh.governance.asked[0]!, 'approved');
    await fresh.start();
    expect((await fresh.ended(waiting)).status).toBe('cancelled');
    expect(Object.keys(treeOf(folder))).toEqual(['a']);
  } finally {
    await fresh.close();
  }
});
