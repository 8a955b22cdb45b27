import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Policy } from '#client';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN, type Ended, TestSuite } from './suite.fixture.js';

const SHIPPED = join(import.meta.dirname, '../../../policies');

let suite: TestSuite;
let folder: string;
const admin = (...args: string[]): Promise<Ended> => suite.cli('admin', args);
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
  expect(await admin('policy', 'validate', suite.file('nowhere'))).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('cannot be read'),
  });
}, 120_000);
