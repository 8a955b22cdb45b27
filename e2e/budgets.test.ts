import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { governance } from '#contracts';
import { until } from '#testing';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SuiteProcess } from './suite-process.js';
import { upTo } from './watcher.js';
import { makeWorkspace } from './workspace.js';

const TEST_MS = 120_000;

let suite: SuiteProcess;
beforeAll(async () => {
  suite = await SuiteProcess.open();
  await suite.admin.register(`
apiVersion: playbook/v1
name: three
steps:
${upTo(3)
  .map((n) => `  - { id: w${n}, uses: file.write@v1, with: { path: f${n}, content: "${n}" } }`)
  .join('\n')}
`);
  await suite.admin.register(`
apiVersion: playbook/v1
name: slow
steps:
  - { id: slow, uses: shell.run@v1, with: { argv: [sh, -c, 'echo begun >> begun; sleep 3'] }, expect: { created: [begun] } }
`);
  await suite.admin.register(`
apiVersion: playbook/v1
name: stray
steps:
  - { id: stray, uses: shell.run@v1, with: { argv: [sh, -c, 'echo x > a'] } }
`);
}, 120_000);
afterAll(() => suite?.close(), 60_000);

const folderOf = (name: string): string => makeWorkspace(join(suite.workspaces, name), { a: 'a' });
const put = async (body: object): Promise<governance.BudgetView> => {
  const answer = await suite.admin.call('PUT', '/api/budgets', { body });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body;
};
const budgetOf = async (target: string): Promise<governance.BudgetView> => {
  const { body } = await suite.admin.get(`/api/budgets?scope=agent&target=${target}`);
  expect(body.items).toHaveLength(1);
  return body.items[0];
};

it(
  'a run stops at a hard limit, says which, and goes on where it was when the limit is raised',
  async () => {
    const limit = { scope: 'agent', target: 'spender', dimension: 'steps', soft: 1 };
    await put({ ...limit, hard: 2 });
    const id = await suite.admin.submit('three', folderOf('three'), { agent_id: 'spender' });
    expect(await suite.admin.paused(id)).toMatchObject({ paused_reason: 'budget' });
    const frames = await suite.admin.frames(id);
    expect(frames.find(({ kind }) => kind === 'execution.paused')).toMatchObject({
      failure: { code: 'budget.exhausted', message: 'The hard limit of agent spender, 2 steps, is reached.' },
    });
    expect(frames.flatMap(({ findings }) => findings ?? [])).toContainEqual({
      code: 'budget.soft_limit',
      severity: 'medium',
      sentence: 'The soft limit of agent spender, 1 steps, is reached.',
    });
    expect(await budgetOf('spender')).toMatchObject({ used: 2, reserved: 0, hard: 2 });
    await put({ ...limit, hard: 3 });
    expect((await suite.admin.ended(id)).status).toBe('succeeded');
    expect(await budgetOf('spender')).toMatchObject({ used: 3, reserved: 0, hard: 3 });
  },
  TEST_MS,
);

it(
  'kill -9 between what was reserved and what was spent leaves nothing reserved',
  async () => {
    await put({ scope: 'agent', target: 'sleeper', dimension: 'wall_ms', hard: 600_000 });
    await put({ scope: 'team', dimension: 'steps', hard: 1_000 });
    const folder = folderOf('slow');
    const id = await suite.admin.submit('slow', folder, { agent_id: 'sleeper' });
    await until('the command to have begun', () => existsSync(join(folder, 'begun')));
    expect((await budgetOf('sleeper')).reserved).toBeGreaterThan(0);
    await suite.crash();
    await suite.start();
    expect((await suite.admin.ended(id)).status).toBe('succeeded');
    const settled = await until('everything to be settled', async () => {
      const one = await budgetOf('sleeper');
      return one.reserved === 0 ? one : null;
    });
    expect(settled.used).toBeGreaterThanOrEqual(3_000);
    const { body } = await suite.admin.get('/api/budgets?scope=team');
    expect(body.items).toMatchObject([{ used: 1, reserved: 0 }]);
  },
  TEST_MS,
);

it(
  'a contract that a run left is in the register, with its evidence, until somebody answers for it',
  async () => {
    const id = await suite.admin.submit('stray', folderOf('stray'), { agent_id: 'stray' });
    expect((await suite.admin.ended(id)).status).toBe('failed');
    const found = await until('the violation', async () => {
      const { body } = await suite.admin.get(`/api/governance/violations?execution_id=${id}`);
      return body.items.length > 0 ? (body as governance.ViolationPage).items : null;
    });
    expect(found.map(({ violation_type, policy_id }) => [violation_type, policy_id])).toEqual([
      ['detector', 'undisclosed_effect'],
      ['spec', 'write-outside-scope'],
      ['contract', null],
    ]);
    const left = found.at(-1)!;
    expect(left).toMatchObject({ severity: 'high', agent_id: 'stray', step: 1, status: 'open', owner: null });
    expect(left.details).toMatchObject({ tool: 'shell.run@v1', deviations: [{ path: 'a' }], outcome: 'undone' });
    const path = `/api/governance/violations/${left.id}`;
    const change = (body: object) => suite.admin.call('PATCH', path, { body });
    expect(await change({ status: 'false_alarm' })).toMatchObject({
      status: 400,
      body: { code: 'violation.note_required' },
    });
    const { body: me } = await suite.admin.get('/api/auth/me');
    const due_at = '2030-01-01T00:00:00.000Z';
    expect(await change({ status: 'accepted', owner: me.user.id, due_at, note: 'It is to do so.' })).toMatchObject({
      status: 200,
      body: { status: 'accepted', owner: me.user.id, due_at },
    });
    expect((await suite.admin.get(path)).body.changes).toMatchObject([
      { status: 'accepted', note: 'It is to do so.', by: { kind: 'person', id: me.user.id } },
    ]);
  },
  TEST_MS,
);
