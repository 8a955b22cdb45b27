import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '#kernel';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Caller } from './caller.js';
import { SuiteProcess } from './suite-process.js';
import { makeWorkspace } from './workspace.js';

const TEST_MS = 60_000;
const BEFORE = 'id,name\nada@example.org,Ada\n<b>2</b>,Bob\n';
const PLAYBOOK = `
apiVersion: playbook/v1
name: drop
steps:
  - id: drop
    uses: file.delete@v1
    with: { path: data/customers.csv }
`;

let suite: SuiteProcess;
let approver: Caller;
beforeAll(async () => {
  suite = await SuiteProcess.open();
  approver = await suite.person('approver@example.org', 'approver');
  await suite.admin.register(PLAYBOOK);
}, 120_000);
afterAll(() => suite?.close(), 60_000);

/** A run that waits for somebody to allow the removal of a file. */
const waiting = async (name: string) => {
  const folder = makeWorkspace(join(suite.workspaces, name), { 'data/customers.csv': BEFORE });
  const id = await suite.admin.submit('drop', folder);
  await suite.admin.paused(id);
  const path = `/api/autonomy/approvals/${await suite.admin.pendingApproval(id)}`;
  return { id, path, file: join(folder, 'data/customers.csv') };
};

describe('an approver', () => {
  it(
    'sees the exact action, its digest and its diff, and that they may answer; the requester sees why not',
    async () => {
      const { id, path, file } = await waiting('seen');
      const { body } = await approver.get(path);
      const [step] = (await suite.admin.execution(id)).execution_trace;
      expect(body).toMatchObject({
        digest: step!.actions[0]!.digest,
        arguments: { path: 'data/customers.csv' },
        preview: [
          {
            path: 'data/customers.csv',
            change: 'deleted',
            before: sha256(BEFORE),
            after: null,
            diff: '--- data/customers.csv\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-id,name\n-[redacted:email],Ada\n-<b>2</b>,Bob\n',
          },
        ],
        task_description: expect.any(String),
        can_decide: true,
        cannot_decide_because: null,
      });
      expect((await suite.admin.get(path)).body).toMatchObject({
        can_decide: false,
        cannot_decide_because: expect.stringContaining('they asked for'),
      });
      const list = await approver.get(`/api/autonomy/approvals?status=pending&execution_id=${id}`);
      expect(list.body.items).toMatchObject([{ id: body.id, preview: null, can_decide: true }]);
      expect((await approver.post(`${path}/approve`, {})).status).toBe(200);
      expect((await suite.admin.ended(id)).status).toBe('succeeded');
      expect(existsSync(file)).toBe(false);
    },
    TEST_MS,
  );

  it(
    'has not approved what the file became afterwards: it stays, and the run says which file it was',
    async () => {
      const { id, path, file } = await waiting('changed');
      writeFileSync(file, `${BEFORE}3,Eve\n`);
      expect((await approver.post(`${path}/approve`, {})).status).toBe(200);
      expect(await suite.admin.ended(id)).toMatchObject({
        status: 'failed',
        failure: {
          code: 'approval.content_changed',
          message: expect.stringMatching(/"data\/customers\.csv" has changed since/),
        },
        execution_trace: [{ actions: [{ status: 'denied' }] }],
      });
      expect(readFileSync(file, 'utf8')).toBe(`${BEFORE}3,Eve\n`);
    },
    TEST_MS,
  );
});
