import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Policy, PolicyOverview } from '#client';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN, type Ended, TestSuite } from './suite.fixture.js';

const SHIPPED = join(import.meta.dirname, '../../../policies');

let suite: TestSuite;
let folder: string;
const admin = (...args: string[]): Promise<Ended> => suite.cli('admin', args);
/** Somebody new says yes. */
const approve = async (name: string, id: string): Promise<void> => {
  const email = `${name}@example.org`;
  const added = await admin('member', 'add', email, 'approver', '--json');
  const { one_time_password } = JSON.parse(added.stdout) as { one_time_password: string };
  const login = ['login', '--email', email, '--password-stdin'];
  await suite.cli(name, login, { input: `${one_time_password}\n${name} knows this well\n` });
  expect(await suite.cli(name, ['policy', 'approve', id])).toMatchObject({ code: 0 });
};
const edit = (file: string, change: (text: string) => string): void =>
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));

beforeAll(async () => {
  suite = await TestSuite.start();
  folder = suite.file('policies');
  cpSync(SHIPPED, folder, { recursive: true });
  writeFileSync(join(folder, 'README.md'), '# Not a part of it.\n');
  const login = ['login', '--email', ADMIN.email, '--password-stdin'];
  expect(await suite.cli('admin', login, { input: `${ADMIN.password}\n` })).toMatchObject({ code: 0 });
}, 60_000);
afterAll(async () => {
  await suite.stop();
  suite.remove();
}, 30_000);

it('a folder of policies is validated, tested and replayed, and nobody approves their own', async () => {
  expect(await admin('policy', 'validate', folder)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Valid: \d+ policies, \d+ tests passed\.\n$/),
  });
  edit('path-classes.yaml', (text) => text.replace('data/**', 'date/**'));
  const tested = await admin('policy', 'test', folder);
  expect(tested.code).toBe(5);
  expect(tested.stdout).toMatch(
    /tests\/files\.yaml:\d+: test "deleting protected data needs one approver" came out as/,
  );
  expect(await admin('policy', 'publish', folder)).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('policy bundle refused'),
  });

  edit(
    'path-classes.yaml',
    (text) => `${text.replace('date/**', 'data/**')}  - pattern: dist/**\n    class: protected\n`,
  );
  expect(await admin('policy', 'shadow', folder)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^\d+ recorded decisions? replayed against epoch 1; 0 would be decided otherwise\.\n/,
    ),
  });
  const published = await admin('policy', 'publish', folder, '--note', 'Output asks.', '--json');
  expect(published.code).toBe(4);
  const { id, status, note } = JSON.parse(published.stdout) as Policy;
  expect({ status, note }).toEqual({ status: 'awaiting_approval', note: 'Output asks.' });
  expect(await admin('policy', 'approve', id)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Nobody approves the policies they wrote'),
  });
  const waiting = (await admin('policy', 'list')).stdout;
  expect(waiting).toMatch(/^The shipped policies are in force as epoch 1\.\nID +EPOCH +STATUS /);
  expect(waiting).toMatch(new RegExp(`^${id.slice(-8)} +awaiting approval +Output asks\\. `, 'm'));

  for (const name of ['ada', 'bob']) await approve(name, id.slice(-8));
  const [, newest, shipped] = (await admin('policy', 'list')).stdout.split('\n');
  expect(newest).toMatch(new RegExp(`^${id.slice(-8)} +2 +IN FORCE +Output asks\\. +${ADMIN.email} `));
  expect(shipped).toMatch(/^[0-9a-f]{8} +1 +was in force /);
  const { epoch, policy_id, items } = JSON.parse((await admin('policy', 'list', '--json')).stdout) as PolicyOverview;
  expect([epoch, policy_id, ...items.slice(0, 2).map((one) => one.epoch)]).toEqual([2, id, 2, 1]);
  const back = await admin('policy', 'rollback', shipped!.slice(0, 8), '--reason', 'Too strict.');
  expect([back.code, back.stdout]).toEqual([4, expect.stringMatching(/ waits for people: 0 of 1 approvers so far/)]);
  expect((await admin('policy', 'list')).stdout).toMatch(/awaiting approval +brings back epoch 1: Too strict\. /);

  expect(await admin('policy', 'validate', suite.file('nowhere'))).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('cannot be read'),
  });
}, 120_000);
