import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { actionsOf } from '../caller.js';
import { makeWorkspace } from '../workspace.js';
import { Monitor } from './monitor.js';
import { ADMIN_ACCOUNT, Stage } from './stage.js';
import type { Visitor } from './visitor.js';

const TEST_MS = 150_000;
/** Each would say so if it were anything but text. */
const IMAGE = `<img src=x onerror="globalThis.harmed=1;alert(1)">`;
const SCRIPT = `</script><script>globalThis.harmed=1;alert(1)</script>`;
const LINK = `[click](javascript:alert(1))`;
/** Colours, a cleared screen, and a name that reads backwards from its middle. */
const TERMINAL = '\u001b[31mred\u001b[2J';
const REVERSED = 'invoice\u202etxt.exe';
const FILE = `data/${IMAGE.replaceAll('/', '')}.txt`;

const quote = (text: string): string => JSON.stringify(text);

const HOSTILE = `
apiVersion: playbook/v1
name: hostile
description: ${quote(IMAGE)}
steps:
  - id: talk
    name: ${quote(`${IMAGE} ${SCRIPT}`)}
    uses: shell.run@v1
    with:
      argv: [sh, -c, 'cat talk.txt; cat talk.txt >&2']
  - id: write
    name: ${quote(LINK)}
    uses: file.write@v1
    with: { path: ${quote(REVERSED)}, content: ${quote(SCRIPT)} }
  - id: drop
    name: ${quote(IMAGE)}
    uses: file.delete@v1
    with: { path: ${quote(FILE)} }
`;

let stage: Stage;
let admin: Visitor;
let id: string;
let approval: string;

beforeAll(async () => {
  stage = await Stage.open();
  const caller = stage.suite.admin;
  await caller.register(HOSTILE);
  const folder = makeWorkspace(join(stage.suite.workspaces, 'hostile'), {
    'talk.txt': `${IMAGE}\n${SCRIPT}\n${TERMINAL}\n`,
    [FILE]: `${IMAGE}\n${SCRIPT}\n`,
  });
  id = await caller.submit('hostile', folder, { task_description: `${IMAGE} ${SCRIPT} ${REVERSED}`, agent_id: IMAGE });
  await caller.paused(id);
  approval = await caller.pendingApproval(id);
  admin = await stage.visitor(ADMIN_ACCOUNT);
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);

const expectUnharmed = async (): Promise<void> => {
  const found = await admin.evaluate<unknown[]>(
    `[globalThis.harmed, document.querySelectorAll('img[src="x"], img[onerror], a[href^="javascript"]').length,
      [...document.scripts].filter(({ text }) => text.includes('harmed')).length]`,
  );
  expect(found).toEqual([undefined, 0, 0]);
  // Nothing that cannot be seen reaches the page as itself.
  expect(await admin.evaluate<string>('document.body.innerText')).not.toMatch(/[\u001b\u202e]/);
};

describe('what agents, tools and files say', () => {
  it(
    'is text in the trace: thought, arguments, output and names',
    during(async () => {
      const said = JSON.stringify(actionsOf(await stage.suite.admin.execution(id)));
      expect(said).toContain('onerror');
      const monitor = await Monitor.open(admin, id);
      await admin.reads(`${IMAGE} ${SCRIPT}`, monitor.step(1));
      await admin.reads(LINK, monitor.step(2));
      for (const [step, tool] of [
        [1, 'shell.run'],
        [2, 'file.write'],
        [3, 'file.delete'],
      ] as const) {
        await monitor.call(step, tool).click();
      }
      await admin.reads(SCRIPT, monitor.step(1).getByLabel('stdout'));
      await admin.reads(SCRIPT, monitor.step(1).getByLabel('stderr'));
      await monitor.step(1).getByText('␛', { exact: true }).first().waitFor();
      await monitor.step(2).getByText('⟨U+202E⟩', { exact: true }).first().waitFor();
      await admin.reads(FILE, monitor.step(3));
      await expectUnharmed();
      for (const tab of ['Changes', 'Risk and findings', 'Timeline', 'Details']) {
        await admin.page.getByRole('tab', { name: tab }).click();
        await admin.page.getByRole('tabpanel').waitFor();
        await expectUnharmed();
      }
    }),
    TEST_MS,
  );

  it(
    'is text where an approval asks, in the inbox and in the modal',
    during(async () => {
      for (const path of [`/approvals?approval=${approval}`, `/executions?approval=${approval}`]) {
        await admin.goto(path);
        const heading = admin.page.getByRole('heading', { name: /wants to delete/ });
        await heading.waitFor();
        expect(await heading.innerText()).toContain(FILE);
        await admin.reads(SCRIPT);
        await expectUnharmed();
      }
    }),
    TEST_MS,
  );

  it(
    'is text in lists, in the palette, and in the title of the page',
    during(async () => {
      await admin.goto('/executions');
      const table = admin.page.getByRole('table', { name: 'Executions' });
      await admin.reads(IMAGE, table);
      await admin.page.keyboard.press('Control+k');
      await admin.field('Search or go to').fill('onerror');
      await admin.reads(IMAGE, admin.dialog());
      await expectUnharmed();
      await admin.page.keyboard.press('Escape');
      await admin.goto('/run');
      await admin.page.getByRole('main').getByRole('textbox').first().waitFor();
      await expectUnharmed();
    }),
    TEST_MS,
  );
});
