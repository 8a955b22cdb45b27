import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '#testing';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { upTo } from '../watcher.js';
import { makeWorkspace } from '../workspace.js';
import { GatedRun } from './gate.js';
import { Monitor } from './monitor.js';
import { ADMIN_ACCOUNT, Stage } from './stage.js';
import type { Account, Visitor } from './visitor.js';

const TEST_MS = 150_000;
const THREE = `
apiVersion: playbook/v1
name: three
steps:
${upTo(3)
  .map((n) => `  - { id: w${n}, uses: file.write@v1, with: { path: f${n}, content: "${n}" } }`)
  .join('\n')}
`;
const STRAY = `
apiVersion: playbook/v1
name: stray
steps:
  - { id: stray, uses: shell.run@v1, with: { argv: [sh, -c, 'echo x > a'] } }
`;

let stage: Stage;
let viewer: Account;

beforeAll(async () => {
  stage = await Stage.open({ KILL_RELEASE_STAGE_SECONDS: '1' });
  const { admin } = stage.suite;
  await GatedRun.register(admin);
  await admin.register(THREE);
  await admin.register(STRAY);
  viewer = await stage.account('viewer', 'viewer');
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);
const folderOf = (name: string): string => makeWorkspace(join(stage.suite.workspaces, name), { a: 'a' });
const begin = (name: string, agent_id: string): Promise<GatedRun> =>
  GatedRun.begin(stage.suite.admin, join(stage.suite.workspaces, name), { agent_id });
const stripOf = (visitor: Visitor): Locator => visitor.page.getByRole('region', { name: 'Kill switch' });
const choose = async (visitor: Visitor, field: string, option: string, within: Locator): Promise<void> => {
  await within
    .getByRole('combobox', { name: field })
    .or(within.getByRole('textbox', { name: field }))
    .click();
  await visitor.page.getByRole('option', { name: option, exact: true }).click();
};

describe('an agent', () => {
  it(
    'is stopped by keyboard while its run goes on, everybody sees it, and it is let in again',
    during(async () => {
      const run = await begin('stopped', 'walker');
      const admin = await stage.visitor(ADMIN_ACCOUNT, `/executions/${run.id}`);
      const other = await stage.visitor(viewer);
      const monitor = new Monitor(admin, run.id);
      await monitor.is('running');

      await admin.page.keyboard.press('!');
      const draft = admin.dialog('Stop agents');
      await draft.waitFor();
      expect(await admin.field(/^Agent/, draft).inputValue()).toBe('walker');
      await admin.button('Stop …', draft).click();
      await admin.reads('Say why', draft);
      await admin.field(/^Reason/, draft).fill('It walks too far.');
      await admin.button('Stop …', draft).click();
      const confirmation = admin.dialog('Stop the agent walker?');
      await confirmation.waitFor();
      expect((await stage.suite.admin.execution(run.id)).status).toBe('running');
      await admin.button('Stop it now', confirmation).click();

      const stop = admin.dialog('Stop of the agent walker').getByRole('list', { name: 'The stop' });
      await stop.getByText('Requested').waitFor();
      await stop.getByText(/nothing of it is left/).waitFor();
      await admin.page.keyboard.press('Escape');
      await monitor.is('cancelled');
      expect(existsSync(join(run.folder, 'two.txt'))).toBe(false);

      await other.reads('Stopped: the agent walker', stripOf(other));
      await other.reads('by first.admin@example.org', stripOf(other));
      expect(await other.button('Stop agents').count()).toBe(0);
      await other.page.keyboard.press('!');
      await stripOf(other).getByRole('link').click();
      await other.heading('Kill switch').waitFor();
      expect(await other.dialog().count()).toBe(0);
      expect(await other.button('Release the agent walker').count()).toBe(0);
      await other.reads('It walks too far.');

      const refused = await stage.suite.admin.submit('three', folderOf('refused'), { agent_id: 'walker' });
      expect((await stage.suite.admin.ended(refused)).status).toBe('denied');

      await stripOf(admin).getByRole('link').click();
      await admin.button('Release the agent walker').click();
      await admin.button('Release', admin.dialog('Release the agent walker?')).click();
      await admin.reads('Being released: the agent walker', stripOf(admin));
      await admin.reads('% of its runs', admin.page.getByRole('article', { name: 'The agent walker' }));
      for (const visitor of [admin, other]) {
        await stripOf(visitor).getByRole('link').waitFor({ state: 'detached' });
        await visitor.reads('It walks too far.', visitor.page.getByRole('table', { name: 'Stops that are over' }));
      }
      const again = await stage.suite.admin.submit('three', folderOf('again'), { agent_id: 'walker' });
      expect((await stage.suite.admin.ended(again)).status).toBe('succeeded');
    }),
    TEST_MS,
  );

  it(
    'is rehearsed to be stopped: what would stop is counted, and nothing is',
    during(async () => {
      const run = await begin('rehearsed', 'dreamer');
      const admin = await stage.visitor(ADMIN_ACCOUNT, '/settings/budgets');
      await admin.button('Stop agents').first().click();
      const dialog = admin.dialog();
      await admin.field(/^Agent/, dialog).fill('dreamer');
      await admin.field(/^Reason/, dialog).fill('What if?');
      await admin.page.getByRole('checkbox', { name: 'Rehearsal' }).check();
      await admin.button('Rehearse', dialog).click();
      await admin.reads('1 run would be stopped; nothing was', admin.dialog('Rehearsal for the agent dreamer'));
      expect(await stripOf(admin).getByRole('link').count()).toBe(0);
      expect((await stage.suite.admin.execution(run.id)).status).toBe('running');
      run.open();
      expect((await stage.suite.admin.ended(run.id)).status).toBe('succeeded');
    }),
    TEST_MS,
  );

  it(
    'whose name nobody has seen is warned of, before and after it is stopped',
    during(async () => {
      const admin = await stage.visitor(ADMIN_ACCOUNT, '/settings/kill-switch');
      await admin.button('Stop agents …').click();
      const draft = admin.dialog('Stop agents');
      await admin.field(/^Agent/, draft).fill('nosuch');
      await admin.field(/^Reason/, draft).fill('Misspelt.');
      await admin.button('Stop …', draft).click();
      const confirmation = admin.dialog('Stop the agent nosuch?');
      await admin.reads('None of the newest runs is of an agent of that name.', confirmation);
      await admin.button('Stop it now', confirmation).click();
      const seen = 'No run of an agent named “nosuch” has been seen in this team.';
      await admin.reads(seen, admin.dialog('Stop of the agent nosuch'));
      await admin.page.keyboard.press('Escape');
      const card = admin.page.getByRole('article', { name: 'The agent nosuch' });
      await admin.reads(seen, card);
      await admin.button('Release the agent nosuch').click();
      await admin.button('Release', admin.dialog('Release the agent nosuch?')).click();
      await card.waitFor({ state: 'detached' });
    }),
    TEST_MS,
  );

  it(
    'whose name the server refuses is told so at its field',
    during(async () => {
      const admin = await stage.visitor(ADMIN_ACCOUNT, '/settings/kill-switch');
      admin.allow(/status of 400/);
      await admin.page.route('**/api/autonomy/kill-switch', (route) =>
        route.request().method() === 'POST'
          ? route.continue({ postData: JSON.stringify({ scope: 'tool', tool: 'Not a tool', reason: 'x' }) })
          : route.continue(),
      );
      await admin.button('Stop agents …').click();
      const dialog = admin.dialog();
      await dialog.getByRole('radio', { name: 'One tool' }).check();
      await admin.field(/^Tool/, dialog).fill('shell.run');
      await admin.field(/^Reason/, dialog).fill('Nobody runs commands today.');
      await admin.button('Stop …', dialog).click();
      await admin.button('Stop it now', dialog).click();
      await admin.field(/^Tool/, dialog).and(admin.page.locator('[aria-invalid="true"]')).waitFor();
      expect(await stripOf(admin).getByRole('link').count()).toBe(0);
    }),
    TEST_MS,
  );
});

describe('a budget', () => {
  it(
    'that is spent pauses a run, which says so, and goes on when it is raised',
    during(async () => {
      const admin = await stage.visitor(ADMIN_ACCOUNT, '/settings/budgets');
      admin.allow(/status of 400/);
      await admin.reads('Nothing is limited');
      await admin.button('New budget').click();
      const form = admin.dialog('New budget');
      await form.getByRole('radio', { name: 'One agent' }).check();
      await admin.field(/^Agent/, form).fill('spender');
      await choose(admin, 'Begins anew', 'In all', form);
      await admin.button('Set the budget', form).click();
      await admin.reads('A budget has a soft limit', form);
      await admin.field(/^Soft limit/, form).fill('5');
      await admin.field(/^Hard limit/, form).fill('2');
      await admin.button('Set the budget', form).click();
      await admin.reads('must not be more than hard', form);
      await admin.field(/^Soft limit/, form).fill('1');
      await admin.button('Set the budget', form).click();
      const meter = admin.page.getByRole('meter', { name: 'Steps of the agent spender in all' });
      await meter.waitFor();
      expect(await meter.getAttribute('aria-valuetext')).toBe('0 of 2 steps; soft 1 step, hard 2 steps');

      const id = await stage.suite.admin.submit('three', folderOf('three'), { agent_id: 'spender' });
      await admin.reads('hard limit reached');
      await admin.reads('2 of 2 steps');
      const monitor = await Monitor.open(admin, id);
      await monitor.is('out of budget');
      await admin.reads('Steps of the agent spender in all: 2 of 2 steps.');
      const other = await stage.visitor(viewer, `/executions/${id}`);
      await other.reads('once an admin raises the limit');
      await other.reads('Steps of the agent spender in all: 2 of 2 steps.');
      await other.link('To the budget').click();
      await other.reads('hard limit reached');
      expect(await other.button('New budget').count()).toBe(0);
      expect(await other.button(/^Change Steps/).count()).toBe(0);

      await admin.link('Raise the limit').click();
      await admin.button('Change Steps of the agent spender in all').click();
      await admin.page.getByRole('menuitem', { name: 'Change the limits …' }).click();
      const change = admin.dialog('Change the budget');
      await admin.field(/^Hard limit/, change).fill('9');
      await admin.button('Change the limits', change).click();
      await admin.reads('soft limit passed');
      await monitor.visitor.goto(`/executions/${id}`);
      await monitor.is('succeeded');
      await other.reads('3 of 9 steps');

      await admin.goto('/settings/budgets');
      await admin.button('Change Steps of the agent spender in all').click();
      await admin.page.getByRole('menuitem', { name: 'Remove …' }).click();
      await admin.button('Remove the budget', admin.dialog('Remove the budget?')).click();
      await admin.reads('Nothing is limited');
      await other.reads('No budget is like that');
    }),
    TEST_MS,
  );
});

describe('a violation', () => {
  it(
    'appears by itself with its evidence, and is accepted by keyboard with a reason and an owner',
    during(async () => {
      const lead = await stage.account('lead', 'approver');
      const visitor = await stage.visitor(lead, '/governance/violations');
      await visitor.reads('No violation is open');
      const id = await stage.suite.admin.submit('stray', folderOf('stray'), { agent_id: 'stray' });
      await stage.suite.admin.ended(id);
      const list = visitor.page.getByRole('listbox', { name: 'Violations' });
      await list.getByRole('option').nth(2).waitFor();
      const pane = visitor.page.getByRole('region', { name: 'The violation' });
      await list.getByRole('option').first().focus();
      await visitor.page.keyboard.press('j');
      await visitor.page.keyboard.press('j');
      await visitor.reads('undone', pane.getByRole('region', { name: 'Evidence as recorded' }));
      const link = pane.getByRole('link', { name: `Step 1 of ${id}` });
      expect(await link.getAttribute('href')).toBe(`/executions/${id}#step-1`);

      await visitor.page.keyboard.press('a');
      await visitor.field(/^Note/, pane).waitFor();
      await visitor.page.keyboard.press('Control+Enter');
      await visitor.reads('Say why', pane);
      await visitor.page.keyboard.type('It is to do so.');
      await visitor.page.keyboard.press('Control+Enter');
      await visitor.reads('It is to do so.', pane.getByRole('list'));
      await until('the list to be of open ones again', async () => (await list.getByRole('option').count()) === 2);
      const { body } = await stage.suite.admin.get(`/api/governance/violations?execution_id=${id}&status=accepted`);
      expect(body.items).toMatchObject([
        { violation_type: 'contract', changes: [{ note: 'It is to do so.', by: { name: lead.email } }] },
      ]);

      await choose(visitor, 'Owner', lead.email, pane);
      await visitor.field('Due', pane).fill('2030-01-02');
      await visitor.button('Save', pane).click();
      await visitor.reads(/of lead@example.org, due 2030-01-02/, pane.getByRole('list'));
      await choose(visitor, 'Owner', 'mine', visitor.page.getByRole('search'));
      await visitor.reads('No violation is like that');
      await choose(visitor, 'Status', 'accepted', visitor.page.getByRole('search'));
      await list.getByRole('option').first().waitFor();
      expect(await list.getByRole('option').count()).toBe(1);

      const other = await stage.visitor(viewer, '/governance/violations');
      await other.reads('Your role may look at violations.');
      await other.page.keyboard.press('a');
      expect(await other.field(/^Note/).count()).toBe(0);
    }),
    TEST_MS,
  );
});
