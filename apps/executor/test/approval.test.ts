import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { executor as contract } from '#contracts';
import { until } from '#testing';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionsOf, type Engine, openEngine, statusesOf, STEPS_HEAD, treeOf } from './engine.js';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
  await engine.start();
});
afterAll(() => engine.close());
afterEach(() => {
  Object.assign(engine.governance, { policy: () => 'allow', deadlineMs: 60_000 });
  engine.governance.requests.length = 0;
});

const FILES = { 'data/x': 'x', 'a.txt': 'a' };
const playbook = (policy = 'stop') => `${STEPS_HEAD}on_failure: ${policy}
steps:
  - { id: first, uses: file.write@v1, with: { path: first, content: "1" } }
  - { id: asked, uses: file.delete@v1, with: { path: data/x } }
  - { id: last, uses: file.write@v1, with: { path: last, content: "2" } }
`;

/** A run that waits for a person to say whether data/x may go. */
const waiting = async (policy?: string) => {
  const folder = engine.folder(FILES);
  engine.governance.policy = ({ paths }) => (paths.includes('data/x') ? 'ask' : 'allow');
  const id = await engine.submit(playbook(policy), folder);
  const paused = await engine.inStatus(id, 'paused');
  const approval = engine.governance.asked.find((one) => one.request.execution_id === id)!;
  return { id, folder, paused, approval };
};
const workOf = async (id: string) =>
  (
    await engine.asAdmin<{ state: string; attempt: number }>(
      `SELECT state, attempt FROM executor.work WHERE execution_id = $1`,
      [id],
    )
  )[0]!;

describe('an action that a person has to allow', () => {
  it('waits as a row and touches nothing', async () => {
    const { id, folder, paused } = await waiting();
    expect(paused).toMatchObject({ paused_reason: 'approval', phase: 'running' });
    expect(actionsOf(paused)[1]).toMatchObject({
      status: 'awaiting_approval',
      decided: { decision: 'ask', approval: 'pending', tier_needed: 2 },
      done: null,
    });
    await until('no worker holds it', async () => (await workOf(id)).state === 'waiting');
    expect(treeOf(folder)).toEqual({ ...treeOf(engine.folder(FILES)), first: '644 1' });
  });

  it('runs when it is approved, and the record names who said yes', async () => {
    const { id, folder, approval } = await waiting();
    await engine.governance.decide(approval, 'approved');
    const result = await engine.ended(id);
    expect(result).toMatchObject({ status: 'succeeded', paused_reason: null });
    expect(actionsOf(result)[1]).toMatchObject({
      status: 'kept',
      decided: { approval: 'approved', approvers: ['approver@example.org'], policy_epoch: 8 },
    });
    expect(Object.keys(treeOf(folder))).toEqual(['a.txt', 'data', 'first', 'last']);
    const kinds = (await engine.frames(id)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => ['execution.paused', 'execution.resumed', 'action.approved'].includes(kind))).toEqual(
      ['execution.paused', 'execution.resumed', 'action.approved'],
    );
  });

  it('does not run when the run was cancelled before it heard of the yes', async () => {
    const { id, folder, approval } = await waiting();
    await until('it waits to be woken', async () => (await workOf(id)).state === 'waiting');
    await engine.governance.decide(approval, 'approved', { tell: false });
    await engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: id });
    const result = await engine.ended(id);
    expect(result.status).toBe('cancelled');
    expect(statusesOf(result)).toEqual(['kept', 'skipped']);
    expect(treeOf(folder)).toEqual({ ...treeOf(engine.folder(FILES)), first: '644 1' });
  });

  it('does not run when its contract was edited behind the back of whoever approved it', async () => {
    const { id, folder, approval } = await waiting();
    await engine.asAdmin(
      `UPDATE executor.action SET contract = jsonb_set(contract, '{may,0,path}', '"a.txt"') WHERE execution_id = '${id}' AND step = 2`,
    );
    await engine.governance.decide(approval, 'approved');
    const result = await engine.ended(id);
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'approval.changed' } });
    expect(treeOf(folder)).toEqual({ ...treeOf(engine.folder(FILES)), first: '644 1' });
  });

  it.each([
    ['rejected', 'approval.rejected'],
    ['withdrawn', 'approval.withdrawn'],
  ] as const)('does not run when it is %s; the run fails and says why', async (status, code) => {
    const { id, folder, approval } = await waiting();
    await engine.governance.decide(approval, status);
    const result = await engine.ended(id);
    expect(result).toMatchObject({ status: 'failed', failure: { code } });
    expect(statusesOf(result)).toEqual(['kept', 'denied']);
    expect(actionsOf(result)[1]!.decided!.approval).toBe(status);
    expect(treeOf(folder)).toEqual({ ...treeOf(engine.folder(FILES)), first: '644 1' });
  });

  it('does not run when its time is up, and needs nobody to tell it so', async () => {
    engine.governance.deadlineMs = 100;
    const { id, folder } = await waiting('rollback');
    const result = await engine.ended(id);
    expect(result).toMatchObject({ status: 'rolled_back', failure: { code: 'approval.expired' } });
    expect(actionsOf(result)[1]).toMatchObject({ status: 'denied', decided: { approval: 'expired' } });
    expect(treeOf(folder)).toEqual(treeOf(engine.folder(FILES)));
  });

  it('that was decided without anybody telling is found at the deadline', async () => {
    engine.governance.deadlineMs = 300;
    const { id, approval } = await waiting();
    await engine.governance.decide(approval, 'approved', { tell: false });
    expect((await engine.ended(id)).status).toBe('succeeded');
  });

  it('goes on as soon as the answer is shown, whether or not its fact ever comes', async () => {
    const { id, approval } = await waiting();
    await until('it waits to be woken', async () => (await workOf(id)).state === 'waiting');
    await engine.governance.decide(approval, 'approved', { show: true, tell: false });
    expect((await engine.ended(id)).status).toBe('succeeded');
  });

  it('is not driven a second time by the fact of an answer that was shown before', async () => {
    const { id, approval } = await waiting();
    await until('it waits to be woken', async () => (await workOf(id)).state === 'waiting');
    const { attempt } = await workOf(id);
    const heard = async () => (await engine.asAdmin(`SELECT 1 FROM executor.inbox`)).length;
    const before = await heard();
    await engine.governance.decide(approval, 'approved', { show: true });
    expect((await engine.ended(id)).status).toBe('succeeded');
    await until('the fact is heard', async () => (await heard()) > before);
    await until('nobody holds it', async () => (await workOf(id)).state === 'done');
    expect((await workOf(id)).attempt).toBe(attempt + 1);
  });

  it('is asked for under the same key and digest when it is redeemed', async () => {
    const { id, approval } = await waiting();
    await engine.governance.decide(approval, 'approved');
    await engine.ended(id);
    const own = engine.governance.requests.filter((one) => one.execution_id === id);
    expect(own.map(({ step, tool }) => [step, tool])).toEqual([
      [0, 'execution.submit@v1'],
      [1, 'file.write@v1'],
      [2, 'file.delete@v1'],
      [3, 'file.write@v1'],
    ]);
    expect(new Set(own.map(({ digest }) => digest)).size).toBe(4);
    expect(own[2]).toMatchObject({
      effects: 'reversible',
      paths: ['data/x'],
      held: true,
      sandbox: 'bubblewrap',
      risk: 0.3,
    });
  });

  it('ends with the run when that is cancelled, and what was kept stays', async () => {
    const { id, folder } = await waiting();
    await engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: id });
    const result = await engine.ended(id);
    expect(result).toMatchObject({ status: 'cancelled', paused_reason: null });
    expect(statusesOf(result)).toEqual(['kept', 'skipped']);
    expect(treeOf(folder)).toEqual({ ...treeOf(engine.folder(FILES)), first: '644 1' });
  });

  it('is bound to what it was asked for: changed arguments in the rows are refused', async () => {
    const { id, folder, approval } = await waiting();
    writeFileSync(join(folder, 'data/x'), 'somebody still needs this');
    await engine.asAdmin(
      `UPDATE executor.action SET sealed_arguments = (SELECT sealed_arguments FROM executor.action WHERE execution_id = $1 AND step = 1) WHERE execution_id = $1 AND step = 2`,
      [id],
    );
    await engine.governance.decide(approval, 'approved');
    const result = await engine.ended(id);
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'approval.changed' } });
    expect(treeOf(folder)['data/x']).toBe('644 somebody still needs this');
  });
});

it('a run whose rows cannot be read any more ends as failed, and frees its folder', async () => {
  const { id, folder, approval } = await waiting();
  await until('no worker holds it', async () => (await workOf(id)).state === 'waiting');
  await engine.asAdmin(`UPDATE executor.action SET sealed_arguments = '\\x00' WHERE execution_id = $1`, [id]);
  await engine.asAdmin(`UPDATE executor.work SET failures = 8 WHERE execution_id = $1`, [id]);
  await engine.governance.decide(approval, 'approved');
  expect(await engine.ended(id)).toMatchObject({ status: 'failed', failure: { code: 'execution.engine_failed' } });
  expect('data/x' in treeOf(folder)).toBe(true);
  engine.governance.policy = () => 'allow';
  expect((await engine.ended(await engine.submit(playbook(), folder))).status).toBe('succeeded');
});

it.each<[string, (request: { step: number; paths: string[] }) => boolean]>([
  ['a run', ({ step }) => step === 0],
  ['an action', ({ paths }) => paths.includes('data/x')],
])('%s that was approved before it began to wait goes on at once', async (_, isAskedFor) => {
  const { governance } = engine;
  governance.policy = (request) => {
    if (!isAskedFor(request)) return 'allow';
    queueMicrotask(() => {
      const approval = governance.asked.find((one) => one.request.execution_id === request.execution_id)!;
      void governance.decide(approval, 'approved', { tell: false });
    });
    return 'ask';
  };
  const id = await engine.submit(playbook(), engine.folder(FILES));
  expect((await engine.ended(id)).status).toBe('succeeded');
});

describe('a run that a person has to allow', () => {
  const submitted = async () => {
    const folder = engine.folder(FILES);
    engine.governance.policy = ({ step }) => (step === 0 ? 'ask' : 'allow');
    const id = await engine.submit(playbook(), folder);
    await engine.inStatus(id, 'awaiting_approval');
    return { id, folder, approval: engine.governance.asked.find((one) => one.request.execution_id === id)! };
  };

  it.each([
    ['approved', 'succeeded', null],
    ['rejected', 'denied', 'approval.rejected'],
    ['expired', 'expired', 'approval.expired'],
  ] as const)('%s: it ends %s', async (decision, status, code) => {
    const { id, folder, approval } = await submitted();
    await engine.governance.decide(approval, decision);
    const result = await engine.ended(id);
    expect([result.status, result.failure?.code ?? null]).toEqual([status, code]);
    expect('first' in treeOf(folder)).toBe(decision === 'approved');
  });

  it('cancelled before anybody answered, does nothing', async () => {
    const { id, folder } = await submitted();
    await engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: id });
    expect(await engine.ended(id)).toMatchObject({ status: 'cancelled', started_at: null });
    expect(treeOf(folder)).toEqual(treeOf(engine.folder(FILES)));
  });

  it('that policy denies ends there, with its reason', async () => {
    engine.governance.policy = () => 'deny';
    const result = await engine.ended(await engine.submit(playbook(), engine.folder(FILES)));
    expect(result).toMatchObject({
      status: 'denied',
      failure: { code: 'execution.denied', message: 'The test says deny.' },
      started_at: null,
    });
  });
});

it('an action that policy denies does not run, and the others of its turn are skipped', async () => {
  engine.governance.policy = ({ paths }) => (paths.includes('b') ? 'deny' : 'allow');
  const folder = engine.folder({ a: 'a', b: 'b', c: 'c' });
  const result = await engine.ended(
    await engine.submit(
      `${STEPS_HEAD}steps:\n  - { id: all, for_each: [a, b, c], max: 3, uses: file.delete@v1, with: { path: "\${{ item }}" } }\n`,
      folder,
    ),
  );
  expect(result).toMatchObject({ status: 'failed', failure: { code: 'action.denied' } });
  expect(statusesOf(result)).toEqual(['kept', 'denied', 'skipped']);
  expect(treeOf(folder)).toEqual({ b: '644 b', c: '644 c' });
});
