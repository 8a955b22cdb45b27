import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { KillSwitch } from '#client';
import { until } from '#testing';
import { ADMIN, type Ended, TestSuite } from './suite.fixture.js';

let suite: TestSuite;
const admin = (...args: string[]): Promise<Ended> => suite.cli('admin', args);

beforeAll(async () => {
  suite = await TestSuite.start();
  const args = ['login', '--email', ADMIN.email, '--password-stdin'];
  expect(await suite.cli('admin', args, { input: `${ADMIN.password}\n` })).toMatchObject({ code: 0 });
}, 60_000);
afterAll(async () => {
  await suite.stop();
  suite.remove();
}, 30_000);

it('stops an agent, tells until it is confirmed, and releases it by stages', async () => {
  const engaged = await admin('kill', 'agent', '--agent', 'tidy', '--reason', 'It deletes too much.');
  expect(engaged).toMatchObject({ code: 0, stderr: '' });
  expect(engaged.stdout).toMatch(/Warning: No run of an agent named “tidy” has been seen in this team\.\n$/);
  expect(engaged.stdout).toMatch(/^Kill switch \S+ for agent tidy\. Nothing new of it begins\.\n1 of 1 executors have/);
  const { stdout } = await until('the stop to be confirmed', async () => {
    const status = await admin('kill', 'status');
    return / {2}stopped {2}/.test(status.stdout) && status;
  });
  const id = /^(\S+) {2}agent tidy {2}stopped {2}It deletes too much\./m.exec(stdout)![1]!;
  expect((await admin('kill', 'release', id, '--reason', 'Mended.')).stdout).toMatch(
    /for agent tidy: released by stages, 10 % let in\.\n$/,
  );
  const [released] = JSON.parse((await admin('kill', 'status', '--json')).stdout) as KillSwitch[];
  expect(released).toMatchObject({ status: 'releasing', released_by: { name: ADMIN.email } });
}, 60_000);

it('rehearses a stop of everything, which stops nothing', async () => {
  const { stdout } = await admin('kill', 'all', '--reason', 'A drill.', '--rehearsal');
  expect(stdout).toMatch(/for every team\. A rehearsal: nothing is blocked or cancelled\./);
  expect(stdout).toMatch(/rehearsed: would stop 0 executions, 0 approvals\.\n$/);
  const { items } = JSON.parse(
    `{"items":[${(await admin('kill', 'agent', '--agent', 'nosuch', '--reason', 'A drill.', '--rehearsal', '--json')).stdout}]}`,
  );
  expect(items).toMatchObject([{ status: 'released', warning: expect.stringMatching(/agent named “nosuch”/) }]);
});

it.each([
  [['kill', 'agent', '--reason', 'x'], /the scope agent needs it/],
  [['kill', 'team'], /needs --reason/],
  [['kill', 'everything', '--reason', 'x'], /Allowed choices are all, team, agent, tool/],
  [['kill', 'release', 'ffffffff'], /kill switch/],
])('%j is refused with a sentence', async (args, sentence) => {
  const { code, stderr } = await admin(...args);
  expect(code).toBe(5);
  expect(stderr).toMatch(sentence);
});
