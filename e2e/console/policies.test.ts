import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '#testing';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { ADMIN_ACCOUNT, Stage } from './stage.js';
import type { Account, Visitor } from './visitor.js';
import { MISTAKE_LINE, POLICY_FILE, policyOf, walk, WALKED } from './walker.js';

const TEST_MS = 180_000;
let stage: Stage;
let ada: Account;
let bob: Account;

beforeAll(async () => {
  stage = await Stage.open();
  const { admin, workspaces } = stage.suite;
  await walk(admin, join(workspaces, 'walked'));
  ada = await stage.account('ada', 'approver');
  bob = await stage.account('bob', 'approver');
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);
const open = (visitor: Visitor, tab: string): Promise<void> => visitor.page.getByRole('tab', { name: tab }).click();
const pane = (visitor: Visitor): Locator => visitor.page.getByRole('region', { name: 'The bundle' });
const newest = (visitor: Visitor): Locator =>
  visitor.page.getByRole('listbox', { name: 'Bundles' }).getByRole('option').first();

/** What is decided about a write of this agent, in the words of the page. */
const evaluate = async (visitor: Visitor): Promise<void> => {
  await open(visitor, 'Evaluate');
  await visitor.field(/^Tool/).fill('file.write');
  await visitor.field(/^Paths/).fill('f1');
  await visitor.field('Agent').fill('walker');
  await visitor.field(/^Risk/).fill('0.1');
  await visitor.button('Evaluate').click();
};

const approve = async (account: Account, said: string): Promise<Visitor> => {
  const visitor = await stage.visitor(account, '/governance/policies');
  await visitor.link('Look at it').click();
  await visitor.button('Approve', pane(visitor)).click();
  await visitor.reads(said, pane(visitor));
  await visitor.button('Send the approval', pane(visitor)).click();
  await visitor.reads(`${account.email} approved`, pane(visitor));
  return visitor;
};

/** Writes the policy with a mistake in it, is led to it, and puts it right. */
const write = async (admin: Visitor): Promise<void> => {
  await admin.reads('The shipped bundle decides.');
  await admin.reads('Acknowledged by 1 of 1');
  await open(admin, 'Write');
  await admin.reads('It says what is in force; change something.');
  await admin.button('New file …').click();
  const dialog = admin.dialog('A new file');
  await admin.field(/^Name/, dialog).fill('Walker.txt');
  await admin.button('Add it', dialog).click();
  await admin.reads('a name.cedar or tests/name.yaml', dialog);
  await admin.field(/^Name/, dialog).fill(POLICY_FILE);
  await admin.button('Add it', dialog).click();
  await admin.field(POLICY_FILE).fill(policyOf('agnt'));
  await admin.page.reload();
  await admin.reads('What changes');
  await admin.button('Check').click();
  await admin.reads('1 problem');
  await admin.reads('1 wrong', admin.page.getByRole('navigation', { name: 'Files of the bundle' }));
  expect(await admin.button('Replay').isDisabled()).toBe(true);
  await admin.button(`${POLICY_FILE}, line ${MISTAKE_LINE}`).click();
  const text = admin.field(POLICY_FILE);
  const selected = await admin.evaluate<string>(
    'document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)',
  );
  expect(selected).toBe(policyOf('agnt').split('\n')[MISTAKE_LINE - 1]);
  expect(await admin.page.locator(`[data-line="${MISTAKE_LINE}"][data-mark]`).count()).toBe(1);
  await text.click();
  await text.fill(policyOf('agent'));
  await admin.reads(/before the text was changed/);
  await admin.button('Check').click();
  await admin.reads(/^Valid: \d+ policies, \d+ tests passed$/);
};

/** Replays it until what the run was allowed is on record, and asks people for it. */
const propose = async (admin: Visitor): Promise<void> => {
  await admin.until('what the run was allowed is recorded', async () => {
    await admin.button('Replay').click();
    await admin.reads(/decisions? changes?/);
    await admin.button('Replay').and(admin.page.locator(':enabled')).waitFor();
    return admin.page.getByText(`${WALKED} decisions change`).isVisible();
  });
  const flips = admin.page.getByRole('table', { name: 'Decisions that change' });
  await admin.reads('deny', flips);
  expect(await flips.getByRole('link').first().getAttribute('href')).toMatch(/^\/executions\/[0-9a-f-]{36}#step-\d$/);
  await admin.field(/^What changes and why/).fill('The walker walks too far.');
  await admin.button('Propose').click();
  await admin.reads('2 people have to approve', pane(admin));
  expect(await admin.button('Approve', pane(admin)).isDisabled()).toBe(true);
  await admin.reads('Nobody approves the policies they wrote', pane(admin));
};

describe('the policies of a team', () => {
  it(
    'are written with a mistake, put right, tried, approved by two others, in force for the next action, and taken back',
    during(async () => {
      const admin = await stage.visitor(ADMIN_ACCOUNT, '/governance/policies');
      await evaluate(admin);
      await admin.page.getByRole('status').getByText('allow', { exact: true }).waitFor();
      await open(admin, 'In force');
      await write(admin);
      await propose(admin);

      await approve(ada, 'One more person is needed after you.');
      await admin.reads('One more person has to approve', pane(admin));
      const other = await approve(bob, 'Yours is the last yes');
      await other.reads('It is in force.', pane(other));
      await admin.reads('It is in force.', pane(admin));

      await open(admin, 'In force');
      await admin.reads('A bundle of this team decides.');
      await admin.reads('ada@example.org, bob@example.org');
      await admin.reads('Acknowledged by 1 of 1');
      await evaluate(admin);
      const answer = admin.page.getByRole('region', { name: 'The answer' });
      await admin.reads('deny', answer);
      await admin.reads('The agent walker writes nothing.', answer);

      await open(admin, 'History');
      const options = admin.page.getByRole('listbox', { name: 'Bundles' }).getByRole('option');
      await options.filter({ hasText: 'As it was shipped.' }).click();
      await admin.button('Bring it back …', pane(admin)).click();
      const dialog = admin.dialog('Bring epoch 1 back?');
      await admin.button('Ask for it', dialog).click();
      await admin.reads('Say why', dialog);
      await admin.field(/^Reason/, dialog).fill('It asks too often.');
      await admin.button('Ask for it', dialog).click();
      await admin.reads('One more person has to approve', pane(admin));
      await approve(ada, 'Yours is the last yes');
      await admin.reads('It is in force.', pane(admin));
      await admin.reads('epoch 1 again', newest(admin));
      await until('the next action to be decided by what came back', async () => {
        const { body } = await stage.suite.admin.post('/api/governance/evaluate', {
          tool: 'file.write',
          paths: ['f1'],
          agent_id: 'walker',
          risk: 0.1,
        });
        return body.decision === 'allow';
      });
      await evaluate(admin);
      await admin.page.getByRole('status').getByText('allow', { exact: true }).waitFor();
    }),
    TEST_MS,
  );

  it(
    'are read by those who may not write them, who are told so',
    during(async () => {
      const viewer = await stage.visitor(await stage.account('viewer', 'viewer'), '/governance/policies?view=write');
      await viewer.reads('Your role may read policies. An admin writes them.');
      for (const step of ['Check', 'Replay', 'Propose']) expect(await viewer.button(step).isDisabled()).toBe(true);
      expect(await viewer.button('New file …').count()).toBe(0);
      expect(await viewer.field('commands.cedar').getAttribute('readonly')).not.toBeNull();
      await viewer.goto('/governance/policies?view=history');
      await viewer.page.getByRole('option').filter({ hasText: 'As it was shipped.' }).click();
      await viewer.reads('An admin writes them and brings old ones back.');
    }),
    TEST_MS,
  );
});
