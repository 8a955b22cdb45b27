import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SuiteProcess } from '../suite-process.js';
import { ConsoleBrowser } from './browser.js';
import { Monitor } from './monitor.js';
import type { Visitor } from './visitor.js';

const TEST_MS = 150_000;

let suite: SuiteProcess;
let chrome: ConsoleBrowser;

beforeAll(async () => {
  suite = await SuiteProcess.open({
    SPECTRACE_SAMPLE: 'true',
    SPECTRACE_ADMIN_EMAIL: '',
    SPECTRACE_ADMIN_PASSWORD: '',
  });
  chrome = await ConsoleBrowser.open();
}, 120_000);
afterAll(async () => {
  await chrome?.close();
  await suite?.close();
}, 60_000);

/** What README.md tells a newcomer, who has nothing but what `npm start` printed. */
const walk = async (visitor: Visitor): Promise<void> => {
  const [, email = '', password = ''] = /^First login, shown this once: (\S+) {2}(\S+)$/m.exec(suite.output) ?? [];
  await visitor.goto('/');
  await visitor.fillIn({ email, password });
  const table = visitor.page.getByRole('table', { name: 'Executions' });
  await visitor.reads('waits for approval', table);
  await table.getByRole('link').first().click();
  await visitor.page.waitForURL(/\/executions\/[0-9a-f-]{36}/);
  const monitor = new Monitor(visitor, new URL(visitor.page.url()).pathname.split('/').at(-1)!);
  await monitor.is('waits for approval');

  // What was undone, and the proof of it: the next action that is worth a look.
  await visitor.page.keyboard.press(']');
  await visitor.until('the deviated action to have the focus', async () =>
    (await visitor.evaluate<string>("document.activeElement?.textContent ?? ''")).startsWith('shell.run'),
  );
  await visitor.page.keyboard.press('Enter');
  await visitor.reads('both digests are equal', monitor.step(4));
  expect((await monitor.facts(4)).verified).toBe('DEVIATED: config/settings.json');

  await visitor.button('Review and answer').click();
  const modal = visitor.dialog('Approval');
  await visitor.reads('data/customers.db', modal);
  await visitor.page.keyboard.press('a');
  await visitor.button('Approve this action', modal).click();
  await monitor.is('failed');
  await visitor.reads('contract.deviated');
  expect((await monitor.facts(6)).decided).toBe(`asked, approved by ${email}`);
  expect(existsSync(join(suite.workspaces, 'tidy/data/customers.db'))).toBe(false);
};

describe('the first minutes after npm start', () => {
  it(
    'lead from the printed login to a watched run, an understood undo and an approval',
    () => chrome.during(async () => walk(await chrome.visitor(suite.url))),
    TEST_MS,
  );
});
