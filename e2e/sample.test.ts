import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { executor } from '#contracts';
import { generate } from '#sample';
import { until } from '#testing';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionsOf, type Answer, type Caller } from './caller.js';
import { CHECKOUT, problemOf, SuiteProcess } from './suite-process.js';
import { treeOf } from './workspace.js';

const TIDY = readFileSync(join(CHECKOUT, 'examples/tidy/tidy.yaml'), 'utf8');
const FACTS = ['predicted', 'decided', 'done', 'verified', 'undone'] as const;
const CUSTOMERS = 'data/customers.db';

let suite: SuiteProcess;
let admin: Caller;
let approver: Caller;
let viewer: Caller;

beforeAll(async () => {
  suite = await SuiteProcess.open();
  admin = suite.admin;
  approver = await suite.person('approver@example.org', 'approver');
  viewer = await suite.person('viewer@example.org', 'viewer');
  await admin.register(TIDY);
}, 120_000);
afterAll(() => suite?.close(), 60_000);

const project = (name: string): string => generate(join(suite.workspaces, name));

/** Submits the sample and waits until its last action waits for a person. */
const runUpToThePerson = async (folder: string): Promise<{ id: string; answer: Promise<Answer>; approval: string }> => {
  const answer = admin.execute('tidy', folder, { wait: true });
  const { id } = await until('the run to be listed', async () => {
    const { body } = await admin.get('/api/executions');
    return body.items.find(({ workspace }: executor.ExecutionView) => workspace?.path === folder);
  });
  await admin.paused(id);
  return { id, answer, approval: await admin.pendingApproval(id) };
};

/** What the record says became of a folder: the changes of the actions that were kept, on top of how it was. */
const recorded = (before: string[], result: executor.ExecutionResult): string[] => {
  const paths = new Set(before);
  for (const { undone, verified } of actionsOf(result)) {
    if (undone?.outcome !== 'kept') continue;
    for (const { path, change } of verified!.changes) {
      if (change === 'deleted') paths.delete(path);
      else paths.add(path);
    }
  }
  return [...paths].sort();
};

const expectTheWorldOf = (result: executor.ExecutionResult, folder: string, before: Record<string, string>): void => {
  const now = treeOf(folder);
  expect(Object.keys(now).sort()).toEqual(recorded(Object.keys(before), result));
  const { 'TIDY-REPORT.md': report, ...rest } = now;
  expect(report).toMatch(/^file /);
  for (const [path, content] of Object.entries(rest)) expect([path, content]).toEqual([path, before[path]]);
  for (const gone of ['dist', 'coverage', 'src/.cache', 'tools/.cache', 'scripts/__pycache__']) {
    expect(existsSync(join(folder, gone))).toBe(false);
  }
  expect(rest['config/settings.json']).toBe(before['config/settings.json']);
};

/** Everything but the last action, which a person decides about. */
const expectTidied = (actions: executor.ActionView[]): void => {
  const tidying = actions.slice(0, -1);
  expect(tidying.map(({ tool }) => tool)).toEqual([
    'file.list@v1',
    ...Array(5).fill('file.delete@v1'),
    'shell.run@v1',
    'file.write@v1',
  ]);
  for (const action of tidying) {
    expect([action.key, FACTS.filter((fact) => !action[fact])]).toEqual([action.key, []]);
    expect(action.decided).toMatchObject({ decision: 'allow', tier_needed: 1 });
    expect(action.done!.ok).toBe(true);
    const isShell = action.tool === 'shell.run@v1';
    expect(action.verified!.verdict).toBe(isShell ? 'deviated' : 'verified');
    expect(action.undone!.outcome).toBe(isShell ? 'undone' : 'kept');
    expect(action.undone!.before).toMatch(/^sha256:[0-9a-f]{64}$/);
    if (isShell) expect(action.undone!.after).toBe(action.undone!.before);
  }
  const shell = tidying.find(({ tool }) => tool === 'shell.run@v1')!;
  expect(shell.verified!.deviations.map(({ path }) => path)).toEqual(['config/settings.json']);
};

describe('the sample, whose last action waits for a person', () => {
  it('is tidied, and ends with the deviation when a second person approves', async () => {
    const folder = project('approve');
    const before = treeOf(folder);
    const { id, answer, approval } = await runUpToThePerson(folder);

    const waiting = await admin.execution(id);
    expect(waiting).toMatchObject({ status: 'paused', paused_reason: 'approval', phase: 'running' });
    expectTidied(actionsOf(waiting));
    expectTheWorldOf(waiting, folder, before);
    expect(existsSync(join(folder, CUSTOMERS))).toBe(true);
    const shown = (await approver.get(`/api/autonomy/approvals/${approval}`)).body;
    expect(shown).toMatchObject({ status: 'pending', execution_id: id, tool: 'file.delete@v1', approvers_needed: 1 });
    expect(shown.arguments).toEqual({ path: CUSTOMERS });

    const answered = await approver.post(`/api/autonomy/approvals/${approval}/approve`, { reason: 'Not needed.' });
    expect([answered.status, answered.body.status]).toEqual([200, 'approved']);
    const { status, body: result } = await answer;
    expect(status).toBe(200);
    expect(result).toMatchObject({ execution_id: id, phase: 'completed', status: 'failed' });
    expect(result.failure.code).toBe('contract.deviated');
    const last = actionsOf(result).at(-1)!;
    expect(FACTS.filter((fact) => !last[fact])).toEqual([]);
    expect(last.decided).toMatchObject({
      decision: 'ask',
      tier_needed: 2,
      approval: 'approved',
      approval_id: approval,
    });
    expect(last.decided!.approvers).toEqual(['approver@example.org']);
    expect(last.verified).toMatchObject({ verdict: 'verified', changes: [{ path: CUSTOMERS, change: 'deleted' }] });
    expect(last.undone!.outcome).toBe('kept');
    expectTheWorldOf(result, folder, before);
    expect(existsSync(join(folder, CUSTOMERS))).toBe(false);

    const again = await approver.post(`/api/autonomy/approvals/${approval}/approve`, {});
    expect(problemOf(again)).toEqual({ status: 409, code: 'approval.not_pending' });
  }, 90_000);

  it('keeps its file when somebody says no, who has to say why; whoever asked and whoever only looks has no say', async () => {
    const folder = project('reject');
    const before = treeOf(folder);
    const { id, answer, approval } = await runUpToThePerson(folder);
    const decide = async (who: Caller, word: string, reason?: string): Promise<{ status: number; code: string }> =>
      problemOf(await who.post(`/api/autonomy/approvals/${approval}/${word}`, { reason }));

    expect(await decide(admin, 'approve')).toEqual({ status: 403, code: 'approval.self_approval' });
    expect(await decide(admin, 'reject', 'no')).toEqual({ status: 403, code: 'approval.self_approval' });
    expect(await decide(viewer, 'approve')).toEqual({ status: 403, code: 'auth.permission_missing' });
    expect(await decide(approver, 'reject')).toEqual({ status: 400, code: 'approval.reason_required' });
    for (const nobody of [viewer, approver]) {
      const refused = problemOf(await nobody.execute('tidy', folder));
      expect(refused).toEqual({ status: 403, code: 'auth.permission_missing' });
    }
    expect((await admin.execution(id)).status).toBe('paused');

    const answered = await approver.post(`/api/autonomy/approvals/${approval}/reject`, { reason: 'We need it.' });
    expect([answered.status, answered.body.status]).toEqual([200, 'rejected']);
    const { body: result } = await answer;
    expect(result).toMatchObject({ execution_id: id, status: 'failed', phase: 'completed' });
    expect(result.failure.code).toBe('approval.rejected');
    const last = actionsOf(result).at(-1)!;
    expect(last).toMatchObject({ status: 'denied', decided: { approval: 'rejected' } });
    expect([last.done, last.verified, last.undone].filter(Boolean)).toEqual([]);
    expectTheWorldOf(result, folder, before);
    expect(treeOf(folder)[CUSTOMERS]).toBe(before[CUSTOMERS]);
  }, 90_000);

  it('keeps its file when nobody answers in time, in a suite that was started again', async () => {
    const ids = (await admin.get('/api/executions')).body.items.map((item: executor.ExecutionView) => item.id);
    expect((await suite.stop()).code).toBe(0);
    await suite.start({ APPROVAL_TIMEOUT_SECONDS: '2' });
    admin = suite.admin;
    const kept = (await admin.get('/api/executions')).body.items.map((item: executor.ExecutionView) => item.id);
    expect(kept).toEqual(ids);

    const folder = project('expire');
    const before = treeOf(folder);
    const id = await admin.submit('tidy', folder);
    const result = await admin.ended(id);
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'approval.expired' } });
    const last = actionsOf(result).at(-1)!;
    expect(last).toMatchObject({ status: 'denied', decided: { approval: 'expired', approvers: [] } });
    expectTheWorldOf(result, folder, before);
    expect(treeOf(folder)[CUSTOMERS]).toBe(before[CUSTOMERS]);

    const late = await suite.personAgain('approver@example.org');
    const answer = await late.post(`/api/autonomy/approvals/${last.decided!.approval_id}/approve`, {});
    expect(problemOf(answer).status).toBe(409);
    expect(existsSync(join(folder, CUSTOMERS))).toBe(true);
  }, 90_000);
});
