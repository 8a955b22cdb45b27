import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { treeOf } from '../workspace.js';
import { GATE, GatedRun, STEPS } from './gate.js';
import { Monitor } from './monitor.js';
import { ADMIN_ACCOUNT, Stage } from './stage.js';
import type { Visitor } from './visitor.js';

const TEST_MS = 150_000;

let stage: Stage;
let admin: Visitor;

beforeAll(async () => {
  stage = await Stage.open();
  await GatedRun.register(stage.suite.admin);
  admin = await stage.visitor(ADMIN_ACCOUNT);
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);
const begin = (name: string): Promise<GatedRun> =>
  GatedRun.begin(stage.suite.admin, join(stage.suite.workspaces, name));

describe('a run that is steered from its page', () => {
  it(
    'pauses before its next action, keeps its place, and goes on',
    during(async () => {
      const run = await begin('pause');
      const monitor = await Monitor.open(admin, run.id);
      const { loads } = admin;
      await monitor.is('running');
      await monitor.ask('Pause', 'Pause', 'Lunch.');
      await admin.reads('pausing …', monitor.run);
      run.open();
      await monitor.is('paused');
      expect(await monitor.numbers()).toEqual([1, 2]);
      expect(existsSync(join(run.folder, 'two.txt'))).toBe(false);
      await monitor.ask('Resume', 'Resume');
      await monitor.is('succeeded');
      await monitor.step(STEPS).getByText('kept', { exact: true }).waitFor();
      expect(await monitor.numbers()).toEqual([1, 2, 3, 4]);
      await admin.page.getByRole('tab', { name: 'Timeline' }).click();
      await admin.reads(/Lunch\./, admin.page.getByRole('list', { name: 'What became of the run' }));
      expect(admin.loads).toBe(loads);
    }),
    TEST_MS,
  );

  it(
    'is cancelled by key, and keeps what was verified',
    during(async () => {
      const run = await begin('cancel');
      const monitor = await Monitor.open(admin, run.id);
      await monitor.is('running');
      await admin.page.keyboard.press('x');
      await admin.dialog('Cancel this run?').waitFor();
      await admin.page.keyboard.press('Enter');
      await monitor.is('cancelled');
      expect(existsSync(join(run.folder, 'one.txt'))).toBe(true);
      expect(existsSync(join(run.folder, 'two.txt'))).toBe(false);
      expect((await monitor.facts(GATE)).done).toMatch(/^failed: The program was/);
    }),
    TEST_MS,
  );

  it(
    'that has ended is rolled back, on disk and on the page',
    during(async () => {
      const run = await begin('rollback');
      const monitor = await Monitor.open(admin, run.id);
      const { loads } = admin;
      const { open: _gate, ...before } = { ...treeOf(run.folder), open: '' };
      delete (before as Record<string, string>)['one.txt'];
      run.open();
      await monitor.is('succeeded');
      expect(Object.keys(treeOf(run.folder)).sort()).toEqual(['README.md', 'one.txt', 'open', 'two.txt']);
      await monitor.ask('Roll back', 'Roll back', 'The wrong folder.');
      await monitor.is('rolled back');
      expect(treeOf(run.folder)).toEqual(before);
      await admin.until('every action to be undone', async () =>
        (await monitor.shown()).every(({ facts }) => facts.undone.startsWith('undone')),
      );
      await admin.page.getByRole('tab', { name: 'Timeline' }).click();
      const events = admin.page.getByRole('list', { name: 'What became of the run' });
      await events.getByText('ended').nth(1).waitFor();
      expect(await events.getByText('ended', { exact: true }).count()).toBe(2);
      await admin.reads('The wrong folder.', events);
      expect(admin.loads).toBe(loads);
    }),
    TEST_MS,
  );

  it(
    'is not steered by somebody who may only look',
    during(async () => {
      const viewer = await stage.visitor(await stage.account('viewer', 'viewer'));
      const run = await begin('look');
      const monitor = await Monitor.open(viewer, run.id);
      await monitor.is('running');
      const pause = viewer.button('Pause');
      expect(await pause.getAttribute('aria-disabled')).toBe('true');
      await pause.focus();
      await viewer.reads('Your role may look at runs and not steer them.');
      await viewer.page.keyboard.press('p');
      expect(await viewer.dialog().count()).toBe(0);
      expect(await viewer.link('Run').count()).toBe(0);
      run.open();
      await monitor.is('succeeded');
    }),
    TEST_MS,
  );
});
