import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../suite-process.js';
import { DESKTOP, PHONE } from './browser.js';
import { Monitor } from './monitor.js';
import { predict } from './run-form.js';
import { Stage } from './stage.js';
import type { Visitor } from './visitor.js';
import { askedAbout, draftOf, MISTAKE_LINE, POLICY_FILE, walk } from './walker.js';

const TEST_MS = 120_000;
const AXE = readFileSync(join(CHECKOUT, 'node_modules/axe-core/axe.min.js'), 'utf8');
const RUN = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
  .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + ': ' + target.join(' ') + ': ' + failureSummary.replaceAll(/\\s+/g, ' '))))`;

let stage: Stage;
let ended: string;
let waiting: { id: string; approval: string };
let mistaken: string;
let asked: string;

beforeAll(async () => {
  stage = await Stage.open({ KILL_RELEASE_STAGE_SECONDS: '3600' });
  const { suite } = stage;
  const approver = await suite.person('approver@example.org', 'approver');
  const first = await stage.waiting('ended');
  await approver.post(`/api/autonomy/approvals/${first.approval}/approve`, {});
  ended = (await suite.admin.ended(first.id)).id;
  waiting = await stage.waiting('waiting');
  await walk(suite.admin, join(suite.workspaces, 'walked'));
  mistaken = await draftOf(suite.admin, 'agnt', 'Not finished.');
  asked = await askedAbout(suite.admin, 'The walker walks too far.');
  await stopUnused('kept');
  await suite.admin.call('DELETE', '/api/autonomy/kill-switch', { body: { id: await stopUnused('let-in') } });
  for (const limits of [
    { soft: 1, hard: 1_000 },
    { scope: 'agent', target: 'unused', hard: 0 },
  ]) {
    await suite.admin.call('PUT', '/api/budgets', { body: { scope: 'team', dimension: 'steps', ...limits } });
  }
}, 120_000);
afterAll(() => stage?.close(), 60_000);

/** A stop of an agent that nobody uses, so that every page is looked at below the strip that says so. */
const stopUnused = async (agent_id: string): Promise<string> => {
  const { body } = await stage.suite.admin.post('/api/autonomy/kill-switch', {
    scope: 'agent',
    agent_id,
    reason: 'Nobody uses it.',
  });
  return body.id;
};

interface Page {
  name: string;
  path: () => string;
  /** Returns when everything that is looked at is there. */
  there: (visitor: Visitor) => Promise<unknown>;
}

const PAGES: Page[] = [
  { name: 'run', path: () => '/run', there: (visitor) => visitor.button(/^Predict risk/).waitFor() },
  {
    name: 'run with its prediction',
    path: () => '/run',
    there: (visitor) =>
      predict(visitor, { task: 'Tidy.', playbook: 'tidy', folder: join(stage.suite.workspaces, 'new') }),
  },
  {
    name: 'executions',
    path: () => '/executions',
    there: (visitor) => visitor.reads('Run tidy.', visitor.page.getByRole('table')),
  },
  {
    name: 'live execution',
    path: () => `/executions/${waiting.id}`,
    there: (visitor) => new Monitor(visitor, waiting.id).step(1).waitFor(),
  },
  {
    name: 'ended execution, its deviated action open',
    path: () => `/executions/${ended}#step-4`,
    there: async (visitor) => {
      const monitor = new Monitor(visitor, ended);
      await monitor.call(4, 'shell.run').click();
      await visitor.reads('both digests are equal');
    },
  },
  {
    name: 'approvals',
    path: () => `/approvals?approval=${waiting.approval}`,
    there: (visitor) => visitor.button(/^Approve/).waitFor(),
  },
  {
    name: 'approval in the modal',
    path: () => `/executions?approval=${waiting.approval}`,
    there: (visitor) => visitor.button(/^Approve/, visitor.dialog('Approval')).waitFor(),
  },
  {
    name: 'violations',
    path: () => '/governance/violations',
    there: async (visitor) => {
      const first = visitor.page.getByRole('option').first();
      await first.waitFor();
      if (visitor.page.viewportSize()!.width === PHONE.width) await first.click();
      await visitor.button(/^Accept/).click();
      await visitor.field(/^Note/).waitFor();
    },
  },
  {
    name: 'violations, none of them',
    path: () => '/governance/violations?status=fixed',
    there: (visitor) => visitor.reads('No violation is like that'),
  },
  {
    name: 'kill switch',
    path: () => '/settings/kill-switch',
    there: async (visitor) => {
      await visitor.page.getByRole('article', { name: 'The agent kept' }).waitFor();
      await visitor.reads('Stopped: the agent kept', visitor.page.getByRole('region', { name: 'Kill switch' }));
    },
  },
  {
    name: 'stopping agents',
    path: () => '/executions',
    there: async (visitor) => {
      await visitor.reads('Run tidy.', visitor.page.getByRole('table'));
      await visitor.page.keyboard.press('!');
      await visitor.field(/^Reason/, visitor.dialog('Stop agents')).waitFor();
    },
  },
  {
    name: 'budgets',
    path: () => '/settings/budgets',
    there: (visitor) => visitor.reads('hard limit reached'),
  },
  {
    name: 'a new budget',
    path: () => '/settings/budgets',
    there: async (visitor) => {
      await visitor.button('New budget').click();
      await visitor.field(/^Hard limit/, visitor.dialog('New budget')).waitFor();
    },
  },
  {
    name: 'policies in force',
    path: () => '/governance/policies',
    there: (visitor) => visitor.reads('Acknowledged by'),
  },
  {
    name: 'a bundle that is written, with a problem',
    path: () => `/governance/policies?view=history&policy=${mistaken}`,
    there: async (visitor) => {
      await visitor.button('Go on writing it').click();
      await visitor.button(`${POLICY_FILE}, line ${MISTAKE_LINE}`).click();
      await visitor.reads('What changes');
    },
  },
  {
    name: 'a bundle that awaits approval',
    path: () => `/governance/policies?view=history&policy=${asked}`,
    there: async (visitor) => {
      await visitor.reads('decisions change');
      await visitor.button('Approve').click();
      await visitor.field(/^Reason/).waitFor();
    },
  },
  {
    name: 'an action that is evaluated',
    path: () => '/governance/policies?view=evaluate',
    there: async (visitor) => {
      await visitor.field(/^Tool/).fill('file.delete');
      await visitor.field(/^Paths/).fill('data/a');
      await visitor.button('Evaluate').click();
      await visitor.reads('Needs one approver');
    },
  },
  { name: 'members', path: () => '/settings/members', there: (visitor) => visitor.reads('approver@example.org') },
  { name: 'keys', path: () => '/settings/keys', there: (visitor) => visitor.reads('There are no keys') },
  {
    name: 'new key',
    path: () => '/settings/keys',
    there: async (visitor) => {
      await visitor.button('New key').first().click();
      await visitor.reads('Kept to', visitor.dialog());
    },
  },
  { name: 'account', path: () => '/settings/account', there: (visitor) => visitor.reads('Sessions') },
  { name: 'no such page', path: () => '/nowhere', there: (visitor) => visitor.reads('There is nothing here') },
];

const WAYS = [
  ['light, on a desktop', 'light', DESKTOP],
  ['dark, on a desktop', 'dark', DESKTOP],
  ['light, 360 px wide', 'light', PHONE],
  ['dark, 360 px wide', 'dark', PHONE],
] as const;

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);

/** WCAG A and AA, by axe; evaluated in the page as it is, under its own content policy. */
const violationsOf = async (visitor: Visitor): Promise<string[]> => {
  await visitor.evaluate('Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0)))');
  await visitor.evaluate(AXE);
  return visitor.evaluate<string[]>(RUN);
};

it(
  'is checked by something that finds what is wrong',
  during(async () => {
    const visitor = await stage.chrome.visitor(stage.suite.url);
    await visitor.goto('/');
    await visitor.button('Sign in').waitFor();
    await visitor.evaluate("document.querySelector('form').append(document.createElement('button'))");
    expect(await violationsOf(visitor)).toEqual([expect.stringMatching(/^button-name: /)]);
    await visitor.evaluate("document.querySelector('form').style.width = '3000px'");
    expect(await visitor.overflows()).toBe(true);
  }),
  TEST_MS,
);

describe.each(WAYS)('every page, %s', (way, colorScheme, viewport) => {
  it(
    'can be read and used by everybody, and fits',
    during(async () => {
      // So many pages in a minute are more than one person is answered.
      const account = await stage.account(way.replaceAll(/\W+/g, '-'), 'admin');
      const visitor = await stage.chrome.visitor(stage.suite.url, { colorScheme, viewport });
      visitor.allow(/status of 404/);
      const found: Record<string, string[]> = {};
      const look = async (name: string): Promise<void> => {
        const problems = await violationsOf(visitor);
        if (await visitor.overflows()) problems.push('scrolls sideways');
        if (problems.length > 0) found[name] = problems;
      };
      await visitor.goto('/');
      await visitor.button('Sign in').waitFor();
      expect(await visitor.evaluate('document.documentElement.dataset.mantineColorScheme')).toBe(colorScheme);
      await look('login');
      await visitor.fillIn(account);
      await visitor.heading('Executions').waitFor();
      for (const { name, path, there } of PAGES) {
        await visitor.goto(path());
        await there(visitor);
        await look(name);
      }
      expect(found).toEqual({});
    }),
    TEST_MS,
  );
});
