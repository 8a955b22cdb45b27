import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { actionsOf } from '../caller.js';
import { makeWorkspace } from '../workspace.js';
import { Monitor } from './monitor.js';
import { Stage } from './stage.js';
import type { Account, Visitor } from './visitor.js';

const TEST_MS = 150_000;
/** So harmless that the run itself is not asked about. */
const TASK = { task_description: 'Tidy the exports.' };
const RISKY_TASK = 'Drop the production database';
const playbook = (name: string, step: string): string => `
apiVersion: playbook/v1
name: ${name}
steps:
  - id: only
${step.replaceAll(/^/gm, '    ')}
`;
const DROP = playbook('drop', 'uses: file.delete@v1\nwith: { path: data/customers.csv }');
const LOOK = playbook('look', 'uses: file.list@v1\nwith: { path: . }');
const DROP_MANY = playbook(
  'drop_many',
  `for_each: [a, b, c]\nmax: 3\nuses: file.delete@v1\nwith: { path: 'data/\${{ item }}.csv' }`,
);

let stage: Stage;
let approver: Account;

beforeAll(async () => {
  stage = await Stage.open();
  approver = await stage.account('approver', 'approver');
  for (const source of [DROP, DROP_MANY, LOOK]) await stage.suite.admin.register(source);
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);
const folderOf = (name: string, files: string[]): string =>
  makeWorkspace(join(stage.suite.workspaces, name), Object.fromEntries(files.map((file) => [`data/${file}`, 'x\n'])));

/** The approver at what waits in this run, and the pane it is shown in. */
const lookAt = async (execution: string): Promise<{ visitor: Visitor; pane: Locator }> => {
  const approval = await stage.suite.admin.pendingApproval(execution);
  const visitor = await stage.visitor(approver, `/approvals?approval=${approval}`);
  const pane = visitor.page.getByRole('region', { name: 'The approval' });
  await visitor.button('Approve', pane).waitFor();
  return { visitor, pane };
};

describe('an approver', () => {
  it(
    'edits the arguments: exactly that is done, and everybody sees whose they are',
    during(async () => {
      const { admin } = stage.suite;
      const folder = folderOf('edited', ['customers.csv', 'orders.csv']);
      const id = await admin.submit('drop', folder, { ...TASK, agent_id: 'janitor' });
      await admin.paused(id);
      const { visitor, pane } = await lookAt(id);
      visitor.allow(/status of 409/);
      await visitor.button('Edit the arguments', pane).waitFor();
      await visitor.page.keyboard.press('e');
      const field = visitor.field('Arguments', pane);
      const yes = visitor.button('Approve as edited', pane);
      await field.fill('{ "path": ');
      await visitor.reads('This is not JSON yet', pane);
      expect(await yes.isDisabled()).toBe(true);
      const send = async (path: string): Promise<void> => {
        await field.fill(JSON.stringify({ path }));
        if ((await visitor.button('Approve the edited action', pane).count()) === 0) await yes.click();
        await visitor.reads('You approve your own arguments', pane);
        await visitor.button('Approve the edited action', pane).click();
      };
      await send('.git/config');
      await visitor.reads('Policy does not allow the edited action', pane);
      expect((await admin.execution(id)).status).toBe('paused');
      await send('data/orders.csv');
      await visitor.reads('Nothing else waits for an answer.');
      const result = await admin.ended(id);
      expect(actionsOf(result)[0]!.arguments).toEqual({ path: 'data/orders.csv' });
      expect(['customers.csv', 'orders.csv'].map((file) => existsSync(join(folder, 'data', file)))).toEqual([
        true,
        false,
      ]);
      const monitor = await Monitor.open(visitor, id);
      await monitor.step(1).waitFor();
      expect((await monitor.facts(1)).decided).toBe(
        `asked, approved by ${approver.email}, as edited by ${approver.email}`,
      );
      await visitor.goto('/approvals?tab=answered');
      await visitor.page.getByRole('option').filter({ hasText: 'janitor wants to delete data/orders.csv' }).click();
      await visitor.reads('changed the arguments', pane);
    }),
    TEST_MS,
  );

  it(
    'answers identical requests as one card, by keyboard, and each goes on by itself',
    during(async () => {
      const { admin } = stage.suite;
      const folder = folderOf('same', ['a.csv']);
      const task = { task_description: RISKY_TASK, agent_id: 'twin' };
      const ids = [await admin.submit('look', folder, task), await admin.submit('look', folder, task)];
      const waits = async (): Promise<boolean> =>
        (await Promise.all(ids.map((id) => admin.execution(id)))).every(({ status }) => status === 'awaiting_approval');
      const visitor = await stage.visitor(approver, '/approvals');
      await visitor.until('both to wait', waits);
      const pane = visitor.page.getByRole('region', { name: 'The approval' });
      const cards = visitor.page.getByRole('option').filter({ hasText: RISKY_TASK });
      await cards.getByLabel('asked for 2 times').waitFor();
      expect(await cards.count()).toBe(1);
      const listed = (await cards.innerText()).split('\n')[0]!;
      await visitor.reads('Asked for 2 times', pane);
      expect(await pane.getByRole('heading', { level: 2 }).innerText()).toBe(listed);
      await visitor.page.keyboard.press('a');
      expect(await pane.getByRole('checkbox', { name: /The same answer to the identical request/ }).isChecked()).toBe(
        true,
      );
      await visitor.page.keyboard.press('Control+Enter');
      await visitor.reads('1 identical request got the same answer.');
      const ended = await Promise.all(ids.map((id) => admin.ended(id)));
      expect(ended.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
      await visitor.reads('Nothing else waits for an answer.');
    }),
    TEST_MS,
  );

  it(
    'sees that an agent runs elsewhere, what that means, and that its arguments are not there to edit',
    during(async () => {
      const { admin } = stage.suite;
      const { body } = await admin.post('/loop/execute', {
        ...{ task_description: 'Tidy up.', agent_id: 'stranger', tool: 'file.delete' },
        arguments: { path: 'data/a.csv' },
        workspace: { kind: 'local', path: folderOf('elsewhere', ['a.csv']) },
      });
      const { visitor, pane } = await lookAt(body.execution_id);
      await visitor.reads('Runs elsewhere', pane);
      await visitor.reads('There is no hold and no sandbox, nobody looks at what it does', pane);
      expect(await pane.getByText('held, looked at and judged').count()).toBe(0);
      expect(await visitor.button('Edit the arguments', pane).count()).toBe(0);
      await visitor.page.keyboard.press('e');
      expect(await visitor.button('Approve as edited', pane).count()).toBe(0);
      await visitor.button('Approve', pane).click();
      await visitor.button('Approve this action', pane).click();
      await visitor.reads('Nobody here sees what it then does.');
      await admin.post(`/api/executions/${body.execution_id}/cancel`, { reason: 'Seen.' });
      await admin.ended(body.execution_id);
    }),
    TEST_MS,
  );

  it(
    'stops being asked for a while, sees what that let through, and revokes it',
    during(async () => {
      const { admin } = stage.suite;
      const id = await admin.submit('drop_many', folderOf('bypassed', ['a.csv', 'b.csv', 'c.csv']), {
        ...TASK,
        agent_id: 'sweeper',
      });
      await admin.paused(id);
      const { visitor, pane } = await lookAt(id);
      await visitor.button('Stop asking for a while', pane).click();
      const dialog = visitor.dialog('Stop asking for a while');
      await visitor.button('Stop asking', dialog).click();
      await visitor.reads('it is kept in the record', dialog);
      await visitor.field(/^Reason/, dialog).fill('The exports are old.');
      await visitor.button('Stop asking', dialog).click();
      await visitor.reads('sweeper may use file.delete@v1 20 times.');
      await visitor.button('Approve', pane).click();
      await visitor.button('Approve this action', pane).click();
      expect((await admin.ended(id)).status).toBe('succeeded');
      const monitor = await Monitor.open(visitor, id);
      await visitor.reads(`allow by a bypass of ${approver.email}, use 2`);
      await monitor.is('succeeded');
      await visitor.goto('/approvals?tab=bypasses');
      const row = visitor.page.getByRole('row').filter({ hasText: 'sweeper uses file.delete@v1' });
      await visitor.reads('2 of 20 uses', row);
      await visitor.reads(/sha256:[0-9a-f]{12}…, held/, row);
      await visitor.button('Revoke: sweeper, file.delete@v1', row).click();
      await visitor.reads('Revoked', row);
      expect(await visitor.button(/^Revoke/, row).count()).toBe(0);
      const again = await admin.submit('drop', folderOf('asked-again', ['customers.csv']), {
        ...TASK,
        agent_id: 'sweeper',
      });
      await admin.paused(again);
      await stage.suite.admin.post(`/api/executions/${again}/cancel`, { reason: 'Seen.' });
      await admin.ended(again);
    }),
    TEST_MS,
  );
});
