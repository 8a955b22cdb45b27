import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Approval, Bypass, Execution } from '#client';
import { until } from '#testing';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { ADMIN, type Ended, TestSuite } from './suite.fixture.js';

const APPROVER = 'second@example.org';
const playbook = (name: string, step: string): string =>
  `apiVersion: playbook/v1\nname: ${name}\nsteps:\n  - { id: only, ${step} }\n`;

let suite: TestSuite;
const login = (who: string, email: string, password: string): Promise<Ended> =>
  suite.cli(who, ['login', '--email', email, '--password-stdin'], { input: `${password}\n` });
const admin = (...args: string[]): Promise<Ended> => suite.cli('admin', args);
const approver = (...args: string[]): Promise<Ended> => suite.cli('approver', args);
const parsed = <T>({ stdout }: Ended): T => JSON.parse(stdout) as T;

beforeAll(async () => {
  suite = await TestSuite.start();
  expect(await login('admin', ADMIN.email, ADMIN.password)).toMatchObject({ code: 0 });
  const added = await admin('member', 'add', APPROVER, 'approver', '--json');
  const { one_time_password } = parsed<{ one_time_password: string }>(added);
  expect(await login('approver', APPROVER, `${one_time_password}\nof my own choice`)).toMatchObject({ code: 0 });
  writeFileSync(suite.file('drop.yaml'), playbook('drop', 'uses: file.delete@v1, with: { path: data/a.csv }'));
  writeFileSync(suite.file('look.yaml'), playbook('look', 'uses: file.list@v1, with: { path: . }'));
}, 60_000);
afterAll(async () => {
  await suite.stop();
  suite.remove();
}, 30_000);

const folder = (name: string): string => {
  mkdirSync(`${suite.workspace(name)}/data`, { recursive: true });
  for (const file of ['a.csv', 'b.csv']) writeFileSync(`${suite.workspace(name)}/data/${file}`, 'x');
  return suite.workspace(name);
};
const run = async (file: string, name: string, ...more: string[]): Promise<string> =>
  parsed<Execution>(await admin('run', suite.file(file), '--workspace', folder(name), '--json', ...more)).id;
const pending = async (): Promise<Approval[]> => parsed<Approval[]>(await approver('approvals', '--json'));

describe('approve', () => {
  it('--edit has other arguments done, and says what is wrong with them', async () => {
    await run('drop.yaml', 'edited');
    const [asked] = await pending();
    const edit = async (text: string): Promise<Ended> => {
      writeFileSync(suite.file('edit.json'), text);
      return approver('approve', asked!.id.slice(-8), '--edit', suite.file('edit.json'), '--reason', 'The other one.');
    };
    expect(await edit('{')).toMatchObject({ code: 5, stderr: expect.stringContaining('it is not JSON') });
    expect(await edit('[]')).toMatchObject({ code: 5, stderr: expect.stringContaining('not a JSON object') });
    expect(await edit('{"path":".git/config"}')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Policy does not allow the edited action'),
    });
    expect(await edit('{"path":"data/b.csv"}')).toMatchObject({
      code: 0,
      stdout: 'Approved: file.delete@v1 data/b.csv.\n',
    });
    await until('the other file to go', () => !existsSync(`${suite.workspace('edited')}/data/b.csv`));
    expect(existsSync(`${suite.workspace('edited')}/data/a.csv`)).toBe(true);
    expect((await approver('approvals', 'show', asked!.id)).stdout).toContain(`Edited by   ${APPROVER}, `);
  }, 60_000);

  it('--same answers every identical request, which is one line', async () => {
    const submit = (): Promise<string> =>
      run('look.yaml', 'same', '--task', 'Drop the production database', '--no-watch');
    await submit();
    await submit();
    await until('both to wait', async () => (await pending())[0]?.same_as.length === 1, 20_000, 300);
    const { stdout } = await approver('approvals');
    expect(stdout.match(/\(2 times\)/g)).toHaveLength(1);
    const [card] = await pending();
    const answers = parsed<Approval[]>(await approver('approve', card!.id, '--same', '--json'));
    expect(answers.map(({ id, status }) => [id, status])).toEqual([
      [card!.id, 'approved'],
      [card!.same_as[0], 'approved'],
    ]);
    expect(await pending()).toEqual([]);
  }, 60_000);
});

it('bypass is given, listed and revoked by approvers, within limits', async () => {
  const add = (agent: string, ...more: string[]): Promise<Ended> =>
    approver('bypass', 'add', agent, 'file.delete@v1', '--reason', 'Old exports.', ...more);
  expect(await add('nobody')).toMatchObject({ code: 1, stderr: expect.stringContaining('was ever asked about') });
  await run('drop.yaml', 'swept', '--no-watch');
  await until('it to ask', async () => (await pending()).length === 1, 20_000, 300);
  const [{ agent_id } = {} as Approval] = await pending();
  const give = (...more: string[]): Promise<Ended> => add(agent_id, ...more);
  expect(await give('--uses', '100000')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('must be at most 100 in this installation'),
  });
  expect(await give('--uses', 'many')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('whole number'),
  });
  const given = parsed<Bypass>(await give('--uses', '2', '--json'));
  expect(given).toMatchObject({ status: 'active', uses: 2, given_by: { name: APPROVER } });
  expect((await approver('bypass', 'list')).stdout).toMatch(
    new RegExp(`${agent_id} +sha256:[0-9a-f]{12} +file\\.delete@v1 +0 of 2 +second@example\\.org`),
  );
  expect(await approver('bypass', 'revoke', given.id.slice(-8))).toMatchObject({
    code: 0,
    stdout: `${agent_id} has to ask again before it uses file.delete@v1.\n`,
  });
  expect((await approver('bypass', 'list')).stdout).toBe('No bypass is active.\n');
}, 60_000);
