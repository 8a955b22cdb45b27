import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { actionsOf } from '../caller.js';
import { Monitor, toldBy, toldIn } from './monitor.js';
import { predict } from './run-form.js';
import { ADMIN_ACCOUNT, Stage } from './stage.js';
import type { Visitor } from './visitor.js';

const TEST_MS = 150_000;
/** bench/console.mjs measures it; this machine does other things as well. */
const NOTICE_MS = 5_000;
const APPROVER = { email: 'ada@example.org', password: 'a password of my own' };

let stage: Stage;
let admin: Visitor;
let approver: Visitor;

beforeAll(async () => {
  stage = await Stage.open();
  admin = await stage.chrome.visitor(stage.suite.url);
  approver = await stage.chrome.visitor(stage.suite.url);
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);

describe('the sample, in the console', () => {
  it(
    'begins with signing in, at the second attempt',
    during(async () => {
      admin.allow(/status of 401 .*\/api\/auth\/login/);
      await admin.goto('/executions');
      await admin.fillIn({ ...ADMIN_ACCOUNT, password: 'not this one' });
      const refusal = await admin.page.getByRole('alert').innerText();
      expect(refusal).not.toBe('');
      expect(new URL(admin.page.url()).pathname).toBe('/executions');
      await admin.fillIn(ADMIN_ACCOUNT);
      await admin.heading('Executions').waitFor();
      expect(admin.loads).toBe(1);
    }),
    TEST_MS,
  );

  it(
    'needs a second person, who is invited and chooses a password',
    during(async () => {
      await admin.link('Members').click();
      await admin.button('Add a member').click();
      await admin.field('E-mail address').fill(APPROVER.email);
      await admin.button('Add to the team').click();
      const dialog = admin.dialog('One-time password');
      const oneTime = await dialog.getByRole('code').innerText();
      await dialog.getByLabel('I have passed it on').check();
      await admin.button('Close', dialog).click();
      await admin.reads(APPROVER.email);

      await approver.goto('/approvals');
      await approver.fillIn({ email: APPROVER.email, password: oneTime });
      await approver.heading('Choose your password').waitFor();
      await approver.field(/^One-time password/).fill(oneTime);
      await approver.field(/^New password/).fill(APPROVER.password);
      await approver.button('Save and go on').click();
      await approver.heading('Approvals').waitFor();
      await approver.reads('Nothing waits for an answer');
      expect(new URL(approver.page.url()).pathname).toBe('/approvals');
      await approver.link('Executions').click();
      await approver.reads('No run yet');
    }),
    TEST_MS,
  );

  it(
    'is predicted, watched, approved by the other and understood',
    during(async () => {
      const folder = stage.project('tidy');
      await admin.page.keyboard.press('g');
      await admin.page.keyboard.press('r');
      await predict(admin, { task: 'Tidy the orders project.', playbook: 'tidy', folder });
      const loads = [admin.loads, approver.loads];
      const told = approver.saysAt('An action waits for your answer');
      await admin.button('Proceed').click();
      await admin.page.waitForURL(/\/executions\/[0-9a-f-]{36}/);
      const id = new URL(admin.page.url()).pathname.split('/').at(-1)!;
      const monitor = new Monitor(admin, id);
      await monitor.is('waits for approval');
      await approver.button('Review').click();
      const modal = approver.dialog('Approval');
      await modal.getByRole('heading', { name: /wants to delete data\/customers\.db/ }).waitFor();
      const asked = (await stage.suite.admin.get('/api/autonomy/approvals?status=pending')).body.items[0];
      expect((await told) - Date.parse(asked.requested_at)).toBeLessThan(NOTICE_MS);

      // Whoever asked may look, and is told why they have no say.
      await admin.button(/^Review/).click();
      const own = admin.dialog('Approval');
      const yes = admin.button(/^Approve/, own);
      await yes.waitFor();
      expect(await yes.isDisabled()).toBe(true);
      const reason = own.locator(`[id="${await yes.getAttribute('aria-describedby')}"]`);
      expect(await reason.innerText()).toMatch(/your own|themsel|yourself|asked/i);
      await admin.page.keyboard.press('Escape');
      await own.waitFor({ state: 'detached' });

      await approver.page.keyboard.press('a');
      await approver.field('Reason', modal).fill('Not needed any more.');
      await approver.page.keyboard.press('Control+Enter');
      await modal.waitFor({ state: 'detached' });
      await monitor.is('failed');
      await admin.until('every fact to be on the page', async () => {
        const result = await stage.suite.admin.execution(id);
        return JSON.stringify(toldBy(await monitor.shown())) === JSON.stringify(toldIn(result));
      });
      const result = await stage.suite.admin.execution(id);
      expect(toldBy(await monitor.shown())).toEqual(toldIn(result));
      expect(actionsOf(result).at(-1)!.decided!.approvers).toEqual([APPROVER.email]);
      expect(existsSync(join(folder, 'data/customers.db'))).toBe(false);
      expect([admin.loads, approver.loads]).toEqual(loads);

      // The step that left its contract, and its undo with the digest of before.
      expect((await monitor.facts(4)).verified).toBe('DEVIATED: config/settings.json');
      expect((await monitor.facts(4)).undone).toBe('undone, 3 paths put back');
      await monitor.call(4, 'shell.run').click();
      const undone = monitor.step(4).getByRole('heading', { name: 'Undone' }).locator('..');
      const digests = await undone.getByText(/sha256:[0-9a-f]+/).allInnerTexts();
      expect(digests).toHaveLength(2);
      expect(digests[0]).toBe(digests[1]);
      await admin.reads('both digests are equal', undone);
    }),
    TEST_MS,
  );
});
