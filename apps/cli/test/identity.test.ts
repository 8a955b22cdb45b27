import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ApiKey, NewApiKey, NewMember, Team } from '#client';
import { ADMIN, type Ended, TestSuite } from './suite.fixture.js';

let suite: TestSuite;
const admin = (...args: string[]): Promise<Ended> => suite.cli('admin', args);
const parsed = <T>({ stdout }: Ended): T => JSON.parse(stdout) as T;
const login = (who: string, email: string, password: string): Promise<Ended> =>
  suite.cli(who, ['login', '--email', email, '--password-stdin'], { input: `${password}\n` });
/** As a key, on a machine where nobody ever signed in. */
const byKey = (apiKey: string, ...args: string[]): Promise<Ended> => suite.cli('nobody', args, { apiKey });

beforeAll(async () => {
  suite = await TestSuite.start();
  expect(await login('admin', ADMIN.email, ADMIN.password)).toMatchObject({ code: 0 });
}, 60_000);
afterAll(async () => {
  await suite.stop();
  suite.remove();
}, 30_000);

it('makes a key, comes by it, and revokes it', async () => {
  expect((await admin('keys')).stdout).toBe('There are no keys.\n');
  const made = await admin('keys', 'create', 'service', 'ci', '--role', 'admin', '--days', '7', '--uses', '500');
  const [, id, key] = /^Key (\S+), shown this once; send it as X-API-Key:\n(st_live_\S+)\n$/.exec(made.stdout)!;
  expect((await byKey(key!, 'members')).stdout).toMatch(/first\.admin@example\.org +admin/);
  const [listed] = parsed<ApiKey[]>(await admin('keys', 'list', '--json'));
  expect(listed).toMatchObject({ id, type: 'service', name: 'ci', role: 'admin', usage_limit: 500, state: 'active' });
  expect((await admin('keys', 'list')).stdout).toMatch(/ service +ci +first\.admin@example\.org +active +\d+ of 500 /);
  expect((await admin('keys', 'revoke', id!.slice(-8))).stdout).toBe(
    `Key ${id} is revoked: its next request is refused.\n`,
  );
  expect(await byKey(key!, 'members')).toMatchObject({ code: 1, stderr: 'The API key was revoked.\n' });
}, 60_000);

it('keeps a key to its scopes, and to what no key does', async () => {
  const scopes = ['--role', 'admin', '--scope', 'member.write', 'member.read'];
  const { api_key } = parsed<NewApiKey>(await admin('keys', 'create', 'service', 'hr', ...scopes, '--json'));
  const refused: [string[], RegExp][] = [
    [['executions'], /does not include "execution\.read"/],
    [['keys', 'create', 'person'], /Only somebody who signed in/],
    [['member', 'add', 'new@example.org', 'admin'], /may do less than the role admin/],
    [['member', 'password', ADMIN.email], /Only somebody who signed in/],
  ];
  for (const [args, sentence] of refused) {
    expect(await byKey(api_key, ...args)).toMatchObject({ code: 1, stderr: expect.stringMatching(sentence) });
  }
  expect(await byKey(api_key, 'logout')).toMatchObject({ code: 5, stderr: expect.stringMatching(/unset it first/) });
}, 60_000);

it('gives a member who cannot sign in a password, and tells them who did', async () => {
  const added = parsed<NewMember>(await admin('member', 'add', 'second@example.org', 'approver', '--json'));
  const { stdout } = await admin('member', 'password', 'Second@example.org');
  const [, password] = /^second@example\.org is signed out everywhere.*\n.*good for 7 days: (\S+)\n$/.exec(stdout)!;
  expect(password).not.toBe(added.one_time_password);
  expect((await login('second', 'second@example.org', added.one_time_password!)).code).toBe(1);
  const both = `${password}\nof my own choice`;
  expect(await login('second', 'second@example.org', both)).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^first\.admin@example\.org was given this one-time password at 20\S+ \S+ UTC\.\n$/),
  });
  expect(await admin('member', 'password', 'nobody@example.org')).toMatchObject({ code: 5 });
}, 60_000);

it('lists teams and makes one', async () => {
  const made = parsed<Team>(await admin('teams', 'create', 'second', '--json'));
  expect((await admin('teams')).stdout).toMatch(new RegExp(`${made.id.slice(-8)} +second +admin `));
  expect(await suite.cli('second', ['teams', 'create', 'third'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('team.create'),
  });
}, 60_000);
