import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PHONE } from './browser.js';
import { Monitor } from './monitor.js';
import { ADMIN_ACCOUNT, Stage } from './stage.js';
import type { Account } from './visitor.js';

const TEST_MS = 150_000;
const FILE = 'data/customers.db';

let stage: Stage;
let approver: Account;

beforeAll(async () => {
  stage = await Stage.open();
  approver = await stage.account('approver', 'approver');
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);

describe('an action that waits for a person', () => {
  it(
    'is rejected by keyboard alone, with a reason that has to be given',
    during(async () => {
      const { id, folder } = await stage.waiting('reject');
      const visitor = await stage.visitor(approver, '/executions');
      const { keyboard } = visitor.page;
      await keyboard.press('g');
      await keyboard.press('a');
      const pane = visitor.page.getByRole('region', { name: 'The approval' });
      await pane.getByRole('heading', { name: `tidy wants to delete ${FILE}` }).waitFor();
      await visitor.reads('would be deleted', pane);
      await visitor.reads('customer 1|[redacted:email]', pane);
      await keyboard.press('r');
      await visitor.field(/^Reason/, pane).waitFor();
      await keyboard.press('Control+Enter');
      await visitor.reads('a rejection needs a reason', pane);
      expect((await stage.suite.admin.execution(id)).status).toBe('paused');
      await keyboard.type('We still need it.');
      await keyboard.press('Control+Enter');
      await visitor.reads('Nothing else waits for an answer.');
      const ended = await stage.suite.admin.ended(id);
      expect(ended.failure!.code).toBe('approval.rejected');
      expect(existsSync(join(folder, FILE))).toBe(true);
      const monitor = await Monitor.open(visitor, id);
      await monitor.is('failed');
      expect((await monitor.facts(6)).decided).toBe('asked, rejected');
      expect(await visitor.page.getByRole('alert').count()).toBe(0);
    }),
    TEST_MS,
  );

  it(
    'is approved on a phone, where the five facts can be read',
    during(async () => {
      const { id, folder } = await stage.waiting('phone');
      const visitor = await stage.visitor(approver, `/executions/${id}`, {
        viewport: PHONE,
        hasTouch: true,
        isMobile: true,
      });
      const monitor = new Monitor(visitor, id);
      await monitor.is('waits for approval');
      const shown = await monitor.shown();
      expect(Object.keys(shown[0]!.facts)).toEqual(['predicted', 'decided', 'done', 'verified', 'undone']);
      await visitor.button('Review and answer').tap();
      const modal = visitor.dialog('Approval');
      const yes = visitor.button('Approve', modal);
      await yes.waitFor();
      const { width, height } = (await yes.boundingBox())!;
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(36);
      await yes.tap();
      await visitor.button('Approve this action', modal).tap();
      await monitor.is('failed');
      expect(existsSync(join(folder, FILE))).toBe(false);
      expect(await visitor.overflows()).toBe(false);
    }),
    TEST_MS,
  );

  it(
    'is answered by somebody else meanwhile, which an open page says without being asked',
    during(async () => {
      const { approval, id } = await stage.waiting('meanwhile');
      const visitor = await stage.visitor(approver, `/executions/${id}?approval=${approval}`);
      const modal = visitor.dialog('Approval');
      await visitor.button('Approve', modal).waitFor();
      const other = await stage.suite.person('second@example.org', 'approver');
      await other.post(`/api/autonomy/approvals/${approval}/approve`, {});
      await visitor.reads('Approved', modal);
      expect(await visitor.button('Approve', modal).count()).toBe(0);
    }),
    TEST_MS,
  );

  it(
    'is not answered by whoever only looks, nor by whoever asked',
    during(async () => {
      const { approval } = await stage.waiting('nobody');
      for (const account of [await stage.account('looks', 'viewer'), ADMIN_ACCOUNT]) {
        const visitor = await stage.visitor(account, `/approvals?approval=${approval}`);
        const pane = visitor.page.getByRole('region', { name: 'The approval' });
        await visitor.button('Approve', pane).waitFor();
        expect(await visitor.button('Approve', pane).isDisabled()).toBe(true);
        expect(await visitor.button('Reject', pane).isDisabled()).toBe(true);
        await visitor.page.keyboard.press('a');
        expect(await visitor.field(/^Reason/, pane).count()).toBe(0);
      }
    }),
    TEST_MS,
  );
});
