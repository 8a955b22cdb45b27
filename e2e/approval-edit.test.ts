import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '#testing';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionsOf, type Caller } from './caller.js';
import { SuiteProcess } from './suite-process.js';
import { makeWorkspace } from './workspace.js';

const TEST_MS = 60_000;
const APPROVER = 'approver@example.org';
const playbook = (name: string, steps: string): string => `
apiVersion: playbook/v1
name: ${name}
steps:
${steps}
`;
const DROP = playbook('drop', '  - { id: drop, uses: file.delete@v1, with: { path: data/customers.csv } }');
const DROP_MANY = playbook(
  'drop_many',
  `  - id: drop
    for_each: [a, b, c]
    max: 3
    uses: file.delete@v1
    with: { path: 'data/\${{ item }}.csv' }`,
);

let suite: SuiteProcess;
let approver: Caller;
beforeAll(async () => {
  suite = await SuiteProcess.open({ APPROVAL_ESCALATE_AFTER_SECONDS: '1' });
  approver = await suite.person(APPROVER, 'approver');
  for (const source of [DROP, DROP_MANY]) await suite.admin.register(source);
}, 120_000);
afterAll(() => suite?.close(), 60_000);

/** So harmless that the run itself is not asked about. */
const TASK = { task_description: 'Tidy the exports.' };
const FILES = { 'data/customers.csv': 'a\n', 'data/orders.csv': 'b\n' };

/** A run that waits for somebody to allow the removal of a file. */
const waiting = async (name: string) => {
  const folder = makeWorkspace(join(suite.workspaces, name), FILES);
  const id = await suite.admin.submit('drop', folder, TASK);
  await suite.admin.paused(id);
  const path = `/api/autonomy/approvals/${await suite.admin.pendingApproval(id)}`;
  return { id, path, folder, shown: (await approver.get(path)).body };
};
const approve = (path: string, body: object, headers = {}) =>
  approver.call('POST', `${path}/approve`, { body, headers });

describe('an approver who edits the arguments', () => {
  it(
    'has exactly that done, and the record says who asked for what, and whose it was in the end',
    async () => {
      const { id, path, folder, shown } = await waiting('edited');
      const said = { digest: shown.digest, arguments: { path: 'data/orders.csv' }, reason: 'The other one.' };
      const key = { 'idempotency-key': 'edited-once' };
      const answered = await approve(path, said, key);
      expect(answered).toMatchObject({ status: 200, body: { status: 'approved', edited_by: { name: APPROVER } } });
      const result = await suite.admin.ended(id);
      expect(result.status).toBe('succeeded');
      expect(existsSync(join(folder, 'data/orders.csv'))).toBe(false);
      expect(readFileSync(join(folder, 'data/customers.csv'), 'utf8')).toBe('a\n');
      expect(actionsOf(result)[0]).toMatchObject({
        digest: answered.body.digest,
        arguments: { path: 'data/orders.csv' },
        decided: { approvers: [APPROVER], edited_by: APPROVER, asked_digest: shown.digest },
      });
      const { body } = await approver.get(path);
      expect(body.edits).toMatchObject([
        { before: { path: 'data/customers.csv' }, after: { path: 'data/orders.csv' }, before_digest: shown.digest },
      ]);
      const again = await approve(path, said, key);
      expect([again.status, again.body]).toEqual([200, answered.body]);
    },
    TEST_MS,
  );

  it(
    'is refused what policy would not allow, what the tool does not take, and what they asked for themselves',
    async () => {
      const { id, path, folder, shown } = await waiting('refused');
      const { digest } = shown;
      const refusals: [object, number, string][] = [
        [{ digest, arguments: { path: '../elsewhere' } }, 409, 'approval.edit_denied'],
        [{ digest, arguments: { path: '.git/config' } }, 409, 'approval.edit_denied'],
        [{ digest, arguments: { path: 7 } }, 400, 'input.invalid'],
        [{ digest, arguments: shown.arguments }, 400, 'approval.unchanged'],
        [{ digest: `sha256:${'0'.repeat(64)}`, arguments: { path: 'data/orders.csv' } }, 409, 'approval.edited'],
      ];
      for (const [body, status, code] of refusals) {
        const answer = await approve(path, body);
        expect([answer.status, answer.body.code]).toEqual([status, code]);
      }
      const own = await suite.admin.call('POST', `${path}/approve`, {
        body: { digest, arguments: { path: 'data/orders.csv' } },
      });
      expect([own.status, own.body.code]).toEqual([403, 'approval.self_approval']);
      expect((await approver.get(path)).body).toMatchObject({ status: 'pending', digest, edits: [], votes: [] });
      await approver.post(`${path}/reject`, { reason: 'Enough.' });
      expect((await suite.admin.ended(id)).status).toBe('failed');
      expect(existsSync(join(folder, 'data/orders.csv'))).toBe(true);
    },
    TEST_MS,
  );
});

describe('a bypass', () => {
  const give = (who: Caller, more: object = {}) =>
    who.post('/api/autonomy/bypasses', {
      ...{ agent_id: 'playbook', tool: 'file.delete@v1', minutes: 60, uses: 2, reason: 'Tidying up.' },
      ...more,
    });

  it(
    'lets as many actions through as it says, each in the record of its action, and then people are asked again',
    async () => {
      const folder = makeWorkspace(join(suite.workspaces, 'bypassed'), {
        'data/a.csv': 'a',
        'data/b.csv': 'b',
        'data/c.csv': 'c',
      });
      const agent_id = 'dropper';
      const nothing = await give(approver, { agent_id });
      expect([nothing.status, nothing.body.code]).toEqual([409, 'bypass.nothing_asked']);
      const seen = await suite.admin.submit('drop_many', folder, { ...TASK, agent_id });
      await suite.admin.paused(seen);
      await suite.admin.post(`/api/executions/${seen}/cancel`, { reason: 'Seen.' });
      await suite.admin.ended(seen);
      const given = await give(approver, { agent_id });
      expect([given.status, given.body.status]).toEqual([201, 'active']);
      const id = await suite.admin.submit('drop_many', folder, { ...TASK, agent_id });
      await suite.admin.paused(id);
      const used = actionsOf(await suite.admin.execution(id)).map(({ decided }) => decided?.bypass);
      const bypass = { bypass_id: given.body.id, given_by: APPROVER };
      expect(used.slice(0, 2)).toEqual([
        { ...bypass, use: 1 },
        { ...bypass, use: 2 },
      ]);
      expect(used[2]).toBeFalsy();
      expect((await approver.get('/api/autonomy/bypasses')).body.items).toMatchObject([
        { id: given.body.id, status: 'used_up', used: 2 },
      ]);
      await approver.post(`/api/autonomy/approvals/${await suite.admin.pendingApproval(id)}/approve`, {});
      expect((await suite.admin.ended(id)).status).toBe('succeeded');
    },
    TEST_MS,
  );

  it(
    'is of the playbook that was seen to ask: another one by the name of its agent is asked about',
    async () => {
      const agent_id = 'mopper';
      const ask = async (name: string, folder: string) => {
        const path = makeWorkspace(join(suite.workspaces, folder), { ...FILES, 'data/a.csv': 'a' });
        const id = await suite.admin.submit(name, path, { ...TASK, agent_id });
        await suite.admin.paused(id);
        return id;
      };
      const runs = [await ask('drop', 'seen')];
      const given = await give(approver, { agent_id, tool: 'file.delete', uses: 20 });
      expect(given.body).toMatchObject({ tool: 'file.delete@v1', agent_version: expect.any(String), held: true });
      runs.push(await ask('drop_many', 'another'));
      const elsewhere = await suite.admin.post('/loop/execute', {
        ...{ agent_id, task_description: 'Tidy up.', tool: 'file.delete', arguments: { path: 'data/a.csv' } },
        workspace: { kind: 'local', path: join(suite.workspaces, 'another') },
      });
      expect(elsewhere.body).toMatchObject({ decision: 'ask' });
      const path = `/api/autonomy/approvals/${elsewhere.body.approval_id}`;
      expect((await approver.get(path)).body).toMatchObject({ runs_elsewhere: true, status: 'pending' });
      const edited = await approve(path, { digest: elsewhere.body.digest, arguments: { path: 'data/orders.csv' } });
      expect([edited.status, edited.body.code]).toEqual([409, 'approval.not_editable']);
      expect((await approver.get(path)).body.status).toBe('pending');
      expect((await approver.get('/api/autonomy/bypasses')).body.items[0]).toMatchObject({ used: 0 });
      for (const id of [...runs, elsewhere.body.execution_id]) {
        await suite.admin.post(`/api/executions/${id}/cancel`, { reason: 'Seen.' });
        await suite.admin.ended(id);
      }
    },
    TEST_MS,
  );

  it('is given and revoked by approvers alone, within the limits of the installation', async () => {
    const viewer = await suite.person('viewer@example.org', 'viewer');
    expect((await give(viewer)).status).toBe(403);
    const long = await give(approver, { minutes: 100_000 });
    expect([long.status, long.body.errors[0].path]).toEqual([400, '/minutes']);
    const { body } = await give(approver, { agent_id: 'mopper' });
    expect((await viewer.call('DELETE', `/api/autonomy/bypasses/${body.id}`)).status).toBe(403);
    expect((await approver.call('DELETE', `/api/autonomy/bypasses/${body.id}`)).body.status).toBe('revoked');
  });
});

it(
  'what nobody answers is escalated',
  async () => {
    const { id, path } = await waiting('escalated');
    await until('the escalation', async () => (await approver.get(path)).body.escalated_at);
    await approver.post(`${path}/reject`, { reason: 'Late.' });
    await suite.admin.ended(id);
  },
  TEST_MS,
);
