// `npm run screenshots`: pictures of the console's main pages, from a real suite with real runs, into docs/screenshots/.
import { generate } from '#sample';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Caller } from '../caller.js';
import { CHECKOUT, passwordOf, SuiteProcess } from '../suite-process.js';
import { makeWorkspace } from '../workspace.js';
import { ConsoleBrowser, PHONE } from './browser.js';
import { GatedRun } from './gate.js';
import { Monitor } from './monitor.js';
import { predict } from './run-form.js';
import type { Account, Visitor } from './visitor.js';
import { askedAbout, draftOf, MISTAKE_LINE, POLICY_FILE, walk } from './walker.js';

const FOLDER = join(CHECKOUT, 'docs/screenshots');
const LARGEST_BYTES = 250_000;
const PLACE = join(tmpdir(), 'spectrace-demo');
const PROJECTS = join(PLACE, 'projects');

const RETENTION = `
apiVersion: playbook/v1
name: retention
description: Shortens how long orders are kept.
steps:
  - id: shorten
    name: Keep orders for 90 days instead of two years
    uses: file.write@v1
    with:
      path: data/retention.yaml
      content: |
        # How long we keep what
        orders:
          keep_days: 90
          archive: false
        invoices:
          keep_days: 3650
          archive: true
        sessions:
          keep_days: 14
`;
const KEPT_NOW = `# How long we keep what
orders:
  keep_days: 730
  archive: true
invoices:
  keep_days: 3650
  archive: true
sessions:
  keep_days: 14
`;
const NOTES = `
apiVersion: playbook/v1
name: notes
description: Collects what changed since the last release.
steps:
  - id: look
    name: Look at the changes
    uses: file.list@v1
    with: { path: changes }
  - id: write
    name: Write the release notes
    uses: file.write@v1
    with: { path: NOTES.md, content: "# Release notes\\n" }
`;

interface Scene {
  suite: SuiteProcess;
  chrome: ConsoleBrowser;
  /** Submits runs. */
  grace: Caller;
  /** Answers. */
  ada: Caller;
}

const accountOf = (name: string): Account => ({
  email: `${name}@example.org`,
  password: passwordOf(`${name}@example.org`),
});

const arrive = async (
  { chrome, suite }: Scene,
  name: string,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> => {
  const visitor = await chrome.visitor(suite.url, options);
  await visitor.signIn(accountOf(name), path);
  return visitor;
};

/** One picture, of the page or of a part of it, when everything has come to rest. */
const take = async (visitor: Visitor, name: string, part: Page | Locator = visitor.page): Promise<void> => {
  await visitor.evaluate('document.fonts.ready');
  const live = visitor.page.getByRole('img', { name: 'Live: changes show by themselves' });
  await live.or(visitor.button('Sign in')).first().waitFor({ state: 'attached' });
  await visitor.page.mouse.move(0, 0);
  const path = join(FOLDER, `${name}.png`);
  await part.screenshot({ path, animations: 'disabled', caret: 'hide' });
  const { size } = statSync(path);
  if (size > LARGEST_BYTES) throw new Error(`${path} has ${size} bytes`);
  process.stdout.write(`${name}.png ${Math.round(size / 1_000)} kB\n`);
};

/** Runs of every kind, as a team has them after an afternoon. */
const prepare = async ({
  grace,
  ada,
  suite,
}: Scene): Promise<{ waiting: string; deviated: string; retention: string }> => {
  const project = (name: string): string => join(PROJECTS, name);
  for (const source of [readFileSync(join(CHECKOUT, 'examples/tidy/tidy.yaml'), 'utf8'), RETENTION, NOTES])
    await grace.register(source);
  await GatedRun.register(grace);
  const approve = async (id: string, word: string, reason: string): Promise<void> => {
    await grace.paused(id);
    await ada.post(`/api/autonomy/approvals/${await grace.pendingApproval(id)}/${word}`, { reason });
    await grace.ended(id);
  };

  const notes = makeWorkspace(project('storefront'), { 'changes/1.md': 'one\n', 'changes/2.md': 'two\n' });
  await grace.ended(
    await grace.submit('notes', notes, { task_description: 'Write the release notes of the storefront' }),
  );
  const deviated = await grace.submit('tidy', generate(project('billing')), {
    task_description: 'Tidy the billing project',
  });
  await approve(deviated, 'approve', 'Not needed any more.');
  const kept = makeWorkspace(project('archive'), { 'data/retention.yaml': KEPT_NOW });
  await approve(
    await grace.submit('retention', kept, { task_description: 'Shorten the retention of the archive' }),
    'reject',
    'Two years is the law.',
  );
  const gated = await GatedRun.begin(grace, project('export'), {
    task_description: 'Copy the nightly export',
    agent_id: 'export',
  });
  await grace.post(`/api/executions/${gated.id}/cancel`, {});
  await grace.ended(gated.id);
  const back = await grace.submit('notes', makeWorkspace(project('website'), { 'changes/1.md': 'one\n' }), {
    task_description: 'Write the release notes of the website',
  });
  await grace.ended(back);
  await grace.post(`/api/executions/${back}/rollback`, { reason: 'The wrong version.' });
  const shop = makeWorkspace(project('shop'), { 'data/retention.yaml': KEPT_NOW });
  const retention = await grace.submit('retention', shop, { task_description: 'Keep orders of the shop for 90 days' });
  await grace.paused(retention);
  const waiting = await grace.submit('tidy', generate(project('orders')), {
    task_description: 'Tidy the orders project',
  });
  await grace.paused(waiting);
  await suite.person('auditor@example.org', 'viewer');
  await suite.person('linh@example.org', 'operator');
  return { waiting, deviated, retention };
};

/** The step whose command left its contract, opened: all of it, in a window that is tall enough. */
const takeUndo = async (visitor: Visitor, id: string, name: string): Promise<void> => {
  const monitor = await Monitor.open(visitor, id);
  await monitor.step(4).waitFor();
  await monitor.call(4, 'shell.run').click();
  await visitor.reads('both digests are equal');
  const before = visitor.page.viewportSize()!;
  await visitor.page.setViewportSize({ ...before, height: 2_400 });
  await take(visitor, name, monitor.step(4).getByRole('article'));
  await visitor.page.setViewportSize(before);
};

/** A bundle with a mistake as it is written, and one that people are asked about. */
const takePolicies = async ({ grace: api }: Scene, grace: Visitor): Promise<void> => {
  await grace.goto('/governance/policies');
  await grace.reads('Acknowledged by 1 of 1');
  await take(grace, 'policies');
  await walk(api, join(PROJECTS, 'garden'));
  const mistaken = await draftOf(api, 'agnt', 'The walker stays until it is repaired.');
  await grace.goto(`/governance/policies?view=history&policy=${mistaken}`);
  await grace.button('Go on writing it').click();
  await grace.button(`${POLICY_FILE}, line ${MISTAKE_LINE}`).click();
  await take(grace, 'policy-draft');
  const asked = await askedAbout(api, 'The walker stays until it is repaired.');
  await grace.goto(`/governance/policies?view=history&policy=${asked}`);
  await grace.reads('decisions change');
  await take(grace, 'policy');
};

/** What broke something, what may be spent, and what is stopped. */
const takeGovernance = async ({ grace: api }: Scene, grace: Visitor): Promise<void> => {
  await grace.goto('/governance/violations');
  await grace.page.getByRole('option').filter({ hasText: 'config/settings.json' }).first().click();
  await grace.button(/^Accept/).waitFor();
  await take(grace, 'violations');

  const put = (body: object): Promise<unknown> => api.call('PUT', '/api/budgets', { body });
  await put({ scope: 'team', dimension: 'steps', period: 'day', soft: 400, hard: 500 });
  await put({ scope: 'team', dimension: 'wall_ms', period: 'month', hard: 7_200_000 });
  await put({ scope: 'agent', target: 'notes', dimension: 'steps', soft: 1, hard: 2 });
  const folder = makeWorkspace(join(PROJECTS, 'handbook'), { 'changes/1.md': 'one\n' });
  await api.ended(await api.submit('notes', folder, { task_description: 'Write the release notes of the handbook' }));
  await grace.goto('/settings/budgets');
  await grace.reads('hard limit reached');
  await take(grace, 'budgets');

  const gated = await GatedRun.begin(api, join(PROJECTS, 'mirror'), {
    task_description: 'Mirror the nightly export',
    agent_id: 'export',
  });
  await grace.goto(`/executions/${gated.id}`);
  await new Monitor(grace, gated.id).is('running');
  await grace.page.keyboard.press('!');
  await grace.field(/^Reason/, grace.dialog()).fill('It copies more than the nightly export.');
  await grace.button('Stop …', grace.dialog()).click();
  await grace.button('Stop it now', grace.dialog()).click();
  await grace.reads(/nothing of it is left/, grace.dialog());
  await grace.goto('/settings/kill-switch');
  await grace.reads(/nothing of it is left/);
  await take(grace, 'kill-switch');
  const { body } = await api.get('/api/autonomy/kill-switch');
  await api.call('DELETE', '/api/autonomy/kill-switch', { body: { id: body.items[0].id } });
  await grace.page.getByText('Nothing is stopped').waitFor();
};

const pictures = async (scene: Scene): Promise<void> => {
  const { chrome, suite } = scene;
  const { waiting, deviated, retention } = await prepare(scene);

  const nobody = await chrome.visitor(suite.url);
  await nobody.goto('/');
  await take(nobody, 'login');
  await nobody.leave();

  const grace = await arrive(scene, 'grace', '/run');
  await predict(grace, {
    task: 'Tidy the search service: caches, build output and logs. Leave its data alone.',
    playbook: 'tidy',
    folder: generate(join(PROJECTS, 'search')),
  });
  await take(grace, 'run');
  await grace.goto('/executions');
  await grace.reads('Tidy the orders project', grace.page.getByRole('table'));
  await take(grace, 'executions');
  await grace.goto(`/executions/${waiting}`);
  await new Monitor(grace, waiting).is('waits for approval');
  await take(grace, 'execution');
  await takeUndo(grace, deviated, 'undo');
  await takePolicies(scene, grace);
  await takeGovernance(scene, grace);
  await grace.goto('/settings/members');
  await grace.reads('linh@example.org');
  await take(grace, 'members');
  await grace.leave();

  const ada = await arrive(scene, 'ada', `/approvals?approval=${retention}`);
  await ada.goto('/approvals');
  await ada.page.getByRole('option').filter({ hasText: 'data/retention.yaml' }).click();
  await ada.reads(/keep_days: 90/);
  await take(ada, 'approvals');
  await ada.goto('/executions');
  await ada.reads('Tidy the orders project', ada.page.getByRole('table'));
  const approval = await scene.grace.pendingApproval(waiting);
  await ada.goto(`/executions?approval=${approval}`);
  await ada.button('Approve', ada.dialog('Approval')).waitFor();
  await take(ada, 'approval');
  await ada.leave();

  const dark = await arrive(scene, 'ada', `/executions/${waiting}`, { colorScheme: 'dark' });
  await new Monitor(dark, waiting).is('waits for approval');
  await take(dark, 'execution-dark');
  await takeUndo(dark, deviated, 'undo-dark');
  await dark.leave();

  const phone = await arrive(scene, 'ada', `/executions/${waiting}`, {
    viewport: PHONE,
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  });
  await new Monitor(phone, waiting).is('waits for approval');
  await take(phone, 'phone');
  await phone.leave();
};

mkdirSync(FOLDER, { recursive: true });
rmSync(PLACE, { recursive: true, force: true });
mkdirSync(PLACE, { mode: 0o755 });
mkdirSync(PROJECTS);
const suite = new SuiteProcess({ WORKSPACE_ROOTS: PROJECTS, KILL_RELEASE_STAGE_SECONDS: '0' }, PLACE);
const chrome = await ConsoleBrowser.open();
try {
  await suite.start();
  const grace = await suite.person('grace@example.org', 'admin');
  const ada = await suite.person('ada@example.org', 'approver');
  await chrome.during(() => pictures({ suite, chrome, grace, ada }));
} finally {
  await chrome.close();
  await suite.close();
}
