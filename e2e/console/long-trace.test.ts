import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addLongRun } from './long-run.js';
import { Monitor } from './monitor.js';
import { ADMIN_ACCOUNT, Stage } from './stage.js';
import type { Visitor } from './visitor.js';

const STEPS = 20_000;
const TEST_MS = 150_000;

let stage: Stage;
let admin: Visitor;
let id: string;

beforeAll(async () => {
  stage = await Stage.open();
  id = await addLongRun(stage.suite, STEPS);
  admin = await stage.visitor(ADMIN_ACCOUNT);
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);

describe('an execution of 20,000 steps', () => {
  it(
    'has only the rows in sight, and any other step after a jump',
    during(async () => {
      const monitor = await Monitor.open(admin, id);
      await monitor.step(1).waitFor();
      await admin.field(`Go to a step, 1 to ${STEPS}`).fill('19999');
      await admin.page.keyboard.press('Enter');
      await monitor.step(19_999).waitFor();
      await admin.reads('delete build artefact 19999', monitor.step(19_999));
      expect((await monitor.facts(19_999)).verified).toBe('1 change, all expected');
      expect((await monitor.numbers()).length).toBeLessThan(60);
      const box = (await monitor.step(19_999).boundingBox())!;
      expect(box.y).toBeGreaterThan(0);
      expect(box.y).toBeLessThan(admin.page.viewportSize()!.height);
    }),
    TEST_MS,
  );

  it(
    'opens at the step that a link names',
    during(async () => {
      await admin.goto('/executions');
      await admin.goto(`/executions/${id}#step-12345`);
      const monitor = new Monitor(admin, id);
      await monitor.step(12_345).waitFor();
      await admin.until('it to be in sight', async () => {
        const box = await monitor.step(12_345).boundingBox();
        return box && box.y > 0 && box.y < admin.page.viewportSize()!.height;
      });
      expect((await monitor.facts(12_345)).predicted).toBe('risk 0.12');
    }),
    TEST_MS,
  );

  it(
    'is walked by keyboard from end to end',
    during(async () => {
      const monitor = await Monitor.open(admin, id);
      await monitor.step(1).waitFor();
      await monitor.call(1, 'file.delete').focus();
      // As a person does: once more when rows that came in have moved the page meanwhile.
      const press = (key: string, step: number): Promise<void> =>
        admin.until(`${key} to lead to step ${step}`, async () => {
          await admin.page.keyboard.press(key);
          return monitor.step(step).isVisible();
        });
      await press('End', STEPS);
      await press('Home', 1);
      expect((await monitor.numbers())[0]).toBe(1);
    }),
    TEST_MS,
  );
});
