import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { executor } from '#contracts';
import { join } from 'node:path';
import { GATE, GatedRun, STEPS } from './gate.js';
import { Monitor, toldBy, toldIn } from './monitor.js';
import { Network } from './network.js';
import { ADMIN_ACCOUNT, Stage } from './stage.js';
import type { Visitor } from './visitor.js';

const TEST_MS = 150_000;
/** Tall enough for every row: what is compared is what is there. */
const TALL = { width: 1_440, height: 4_000 };
const BANNER = /You are offline|Connection lost|Connecting to live updates/;
const ABOUT_RUN = new Set(['status_update', 'completion']);

let stage: Stage;
let network: Network;
let admin: Visitor;

beforeAll(async () => {
  // As soon as possible after a crash another executor goes on.
  stage = await Stage.open({ EXECUTOR_LEASE_SECONDS: '3' });
  await GatedRun.register(stage.suite.admin);
  network = await Network.open(stage.suite.url);
}, 120_000);
afterAll(async () => {
  await network?.close();
  await stage?.close();
}, 60_000);
beforeEach(async () => {
  admin = await stage.chrome.visitor(network.url, { viewport: TALL });
  admin.allow(/net::ERR_|WebSocket connection to|status of 50[234]/);
  await admin.signIn(ADMIN_ACCOUNT);
});

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);
const begin = (name: string): Promise<GatedRun> =>
  GatedRun.begin(stage.suite.admin, join(stage.suite.workspaces, name));

/** Lines of the page's timeline, and the frames that the journal has for it. */
const expectTheWholeStory = async (monitor: Monitor): Promise<void> => {
  const result = await stage.suite.admin.ended(monitor.id);
  const frames = await stage.suite.admin.frames(monitor.id);
  await monitor.visitor.until(
    'every fact',
    async () => JSON.stringify(toldBy(await monitor.shown())) === JSON.stringify(toldIn(result)),
  );
  expect(await monitor.numbers()).toEqual(result.execution_trace.map(({ step }) => step));
  await monitor.visitor.page.getByRole('tab', { name: 'Timeline' }).click();
  const events = monitor.visitor.page.getByRole('list', { name: 'What became of the run' }).getByRole('listitem');
  const expected = frames.filter(
    ({ type, kind }: executor.Frame) => ABOUT_RUN.has(type) || kind === 'execution.predicted',
  );
  await monitor.visitor.until('every event', async () => (await events.count()) === expected.length);
  expect(expected.length).toBeGreaterThan(2);
};

describe('a page whose network is gone', () => {
  it(
    'says so, keeps what it knows, and misses nothing when it is back',
    during(async () => {
      const run = await begin('network');
      const monitor = await Monitor.open(admin, run.id);
      await admin.reads('live', admin.page.getByRole('toolbar', { name: 'The trace' }));
      const { loads } = admin;
      await admin.context.setOffline(true);
      network.cut();
      await admin.reads(BANNER);
      expect(await monitor.numbers()).toEqual([1, GATE]);
      run.open();
      await stage.suite.admin.ended(run.id);
      await monitor.is('running');
      await admin.context.setOffline(false);
      network.mend();
      await monitor.is('succeeded');
      await admin.page.getByText(BANNER).waitFor({ state: 'detached' });
      expect(await monitor.numbers()).toHaveLength(STEPS);
      await expectTheWholeStory(monitor);
      expect(admin.loads).toBe(loads);
    }),
    TEST_MS,
  );

  it(
    'goes on through any number of broken connections',
    during(async () => {
      const run = await begin('broken');
      const monitor = await Monitor.open(admin, run.id);
      for (let breaks = 0; breaks < 3; breaks++) {
        await admin.page.getByRole('toolbar', { name: 'The trace' }).getByText('live', { exact: true }).waitFor();
        network.cut();
        await admin.reads('reconnecting …', admin.page.getByRole('toolbar', { name: 'The trace' }));
        if (breaks === 2) run.open();
        network.mend();
      }
      await monitor.is('succeeded');
      await expectTheWholeStory(monitor);
    }),
    TEST_MS,
  );
});

describe('a suite that dies', () => {
  it(
    'and starts again is joined where the page was',
    during(async () => {
      const { id, approval } = await stage.waiting('crash');
      const run = await begin('crash-gated');
      const [port] = [new URL(stage.suite.url).port];
      const visitor = await stage.visitor(ADMIN_ACCOUNT, '/executions', { viewport: TALL });
      visitor.allow(/net::ERR_|WebSocket connection to|status of 50[234]/);
      const monitor = await Monitor.open(visitor, run.id);
      await monitor.is('running');
      const { loads } = visitor;
      await stage.suite.crash();
      await visitor.reads(BANNER);
      await stage.suite.start({ PORT: port });
      run.open();
      await stage.suite.admin.ended(run.id);
      await visitor.page.getByText(BANNER).waitFor({ state: 'detached' });
      await monitor.run
        .getByText(/^(succeeded|failed|unverifiable)$/)
        .first()
        .waitFor();
      await expectTheWholeStory(monitor);
      expect(visitor.loads).toBe(loads);

      const other = await Monitor.open(visitor, id);
      await other.is('waits for approval');
      const approver = await stage.suite.person('approver@example.org', 'approver');
      await approver.post(`/api/autonomy/approvals/${approval}/approve`, {});
      await other.is('failed');
      await expectTheWholeStory(other);
    }),
    TEST_MS,
  );
});
