import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SpecTraceClient } from '#client';
import { until } from '#testing';
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN, type Ended, TestSuite } from './suite.fixture.js';

const ASK = `apiVersion: playbook/v1
name: ask
steps:
  - id: drop
    uses: file.delete@v1
    with: { path: data/customers.db }
`;

let suite: TestSuite;
beforeAll(async () => {
  suite = await TestSuite.start();
  expect(await login('admin', ADMIN.email, ADMIN.password)).toMatchObject({ code: 0 });
}, 60_000);
afterAll(async () => {
  await suite.stop();
  suite.remove();
}, 30_000);

const login = (who: string, email: string, password: string): Promise<Ended> =>
  suite.cli(who, ['login', '--email', email, '--password-stdin'], { input: `${password}\n` });
const admin = (...args: string[]): Promise<Ended> => suite.cli('admin', args);

describe('signing in', () => {
  it('is kept in a file that only its owner may read, and shows no token', async () => {
    const { stdout } = await login('admin', ADMIN.email, ADMIN.password);
    const file = suite.file('admin.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { access_token, refresh_token } = JSON.parse(readFileSync(file, 'utf8'));
    expect(stdout).toMatch(/^Signed in at http:\S+ as first\.admin@example\.org \(admin/);
    for (const secret of [access_token, refresh_token]) expect(stdout).not.toContain(secret);
  });

  it('with a wrong password is refused and keeps nothing', async () => {
    const { code, stderr } = await login('nobody', ADMIN.email, 'wrong horse');
    expect([code, stderr]).toEqual([1, 'The e-mail address or the password is wrong.\n']);
    expect(existsSync(suite.file('nobody.json'))).toBe(false);
  });

  it('is needed, at this very address', async () => {
    expect(await suite.cli('nobody', ['executions'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Nobody is signed in at \S+; run `npm run -s spectrace -- login` first\.\n$/),
    });
    const elsewhere = await suite.cli('admin', ['executions'], { url: suite.url.replace('127.0.0.1', 'localhost') });
    expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining('Nobody is signed in at') });
  });

  it('with a one-time password asks for one of your own, and lets you do nothing before', async () => {
    const added = await admin('member', 'add', 'second@example.org', 'approver', '--json');
    const { one_time_password } = JSON.parse(added.stdout);
    expect(await login('approver', 'second@example.org', one_time_password)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('set your own with'),
    });
    expect(await suite.cli('approver', ['approvals'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Set your own password first: /),
    });
    const both = `${one_time_password}\nof my own choice`;
    expect(await login('approver', 'second@example.org', both)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Signed in at \S+ as second@example\.org \(approver\)\.\n$/),
    });
    expect(await suite.cli('approver', ['approvals'])).toMatchObject({ code: 0 });
    expect(await login('again', 'second@example.org', 'of my own choice')).toMatchObject({ code: 0 });
  });

  it('without a terminal and without --password-stdin is refused', async () => {
    expect(await suite.cli('nobody', ['login', '--email', 'a@example.org'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('nobody to ask for the password'),
    });
  });
});

/** Somebody's access token as if it had ended so many seconds ago, signed as the gateway signs. */
const expiredToken = async (who = 'admin', secondsAgo = 3_000): Promise<string> => {
  const key = createPrivateKey(readFileSync(join(suite.home, 'gateway-signing-key.pem')));
  const kid = await calculateJwkThumbprint(await exportJWK(createPublicKey(key)));
  const { access_token } = JSON.parse(readFileSync(suite.file(`${who}.json`), 'utf8'));
  const claims = JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url').toString());
  const exp = Math.floor(Date.now() / 1_000) - secondsAgo;
  return new SignJWT({ ...claims, iat: exp - 600, exp })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid })
    .sign(key);
};

describe('a login that has ended', () => {
  const credentialsOf = (who: string) => JSON.parse(readFileSync(suite.file(`${who}.json`), 'utf8'));
  const expire = async (): Promise<void> => {
    const { refresh_token: _, ...credentials } = credentialsOf('admin');
    writeFileSync(suite.file('old.json'), JSON.stringify({ ...credentials, access_token: await expiredToken() }));
  };

  it('goes on by its refresh token, which is kept for the next time', async () => {
    await login('long', ADMIN.email, ADMIN.password);
    const before = credentialsOf('long');
    for (let turn = 0; turn < 3; turn += 1) {
      const expired = { ...credentialsOf('long'), access_token: await expiredToken('long') };
      writeFileSync(suite.file('long.json'), JSON.stringify(expired));
      expect(await suite.cli('long', ['members'])).toMatchObject({ code: 0, stderr: '' });
    }
    expect(credentialsOf('long').refresh_token).not.toBe(before.refresh_token);
    expect(statSync(suite.file('long.json')).mode & 0o777).toBe(0o600);
  });

  it('is told from one that somebody else may have stolen', async () => {
    await login('stolen', ADMIN.email, ADMIN.password);
    const first = { ...credentialsOf('stolen'), access_token: await expiredToken('stolen') };
    for (let turn = 0; turn < 2; turn += 1) {
      const expired = { ...credentialsOf('stolen'), access_token: await expiredToken('stolen') };
      writeFileSync(suite.file('stolen.json'), JSON.stringify(expired));
      await suite.cli('stolen', ['members']);
    }
    writeFileSync(suite.file('stolen.json'), JSON.stringify(first));
    expect(await suite.cli('stolen', ['members'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^A token of this sign-in was used a second time/),
    });
  });

  it('by logout is over at the server too', async () => {
    await login('leaving', ADMIN.email, ADMIN.password);
    const kept = readFileSync(suite.file('leaving.json'));
    expect((await suite.cli('leaving', ['logout'])).stdout).toMatch(/^Signed out at /);
    expect(existsSync(suite.file('leaving.json'))).toBe(false);
    expect((await suite.cli('leaving', ['logout'])).stdout).toMatch(/^Nobody is signed in at /);
    writeFileSync(suite.file('leaving.json'), kept);
    expect(await suite.cli('leaving', ['members'])).toMatchObject({
      code: 1,
      stderr: 'Your login has ended; sign in again: npm run -s spectrace -- login\n',
    });
  });

  it('is told in one sentence', async () => {
    await expire();
    expect(await suite.cli('old', ['executions'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'Your login has ended; sign in again: npm run -s spectrace -- login\n',
    });
    const { code, stderr } = await suite.cli('old', ['executions', '--json']);
    expect([code, JSON.parse(stderr).error.code]).toEqual([1, 'auth.token_expired']);
  });

  it('begins again when there is somebody to ask, who types unseen', async () => {
    await expire();
    const { code, stdout } = await suite.cliInTerminal('old', ['members'], ADMIN.password);
    expect(code).toBe(0);
    expect(stdout).toContain('Password of first.admin@example.org: ');
    expect(stdout).toContain('second@example.org');
    expect(stdout).not.toContain(ADMIN.password);
    expect(await suite.cli('old', ['members'])).toMatchObject({ code: 0 });
  });
});

describe('a watch', () => {
  it('outlives the access token it began with, and one that ends meanwhile', async () => {
    await login('watcher', ADMIN.email, ADMIN.password);
    const { access_token, refresh_token } = JSON.parse(readFileSync(suite.file('watcher.json'), 'utf8'));
    const admin = new SpecTraceClient({ baseUrl: suite.url, token: access_token });
    const renewed: string[] = [];
    const kept = { access: await expiredToken('watcher', 1), refresh: refresh_token as string | null };
    const client = new SpecTraceClient({
      baseUrl: suite.url,
      token: kept.access,
      refreshToken: refresh_token,
      store: { read: () => null, write: ({ access_token: next }) => void renewed.push(next) },
    });
    mkdirSync(suite.workspace('watched/data'), { recursive: true });
    writeFileSync(join(suite.workspace('watched'), 'data/customers.db'), 'a');
    await admin.playbooks.register(ASK);
    const run = await admin.execute({
      task_description: 'ask',
      agent_type: 'playbook',
      playbook: { name: 'ask' },
      workspace: { kind: 'local', path: suite.workspace('watched') },
    });
    const seqs: number[] = [];
    const watched = (async () => {
      for await (const { seq } of client.watch(run.id)) seqs.push(seq);
    })();
    await until('the expired token to be renewed', () => renewed.length === 1 && seqs.length > 0);
    // A token that ends while the socket is open: the same client, as if ten minutes had gone by.
    client.token = await expiredToken('watcher', -3);
    const second = (async () => {
      const frames = client.watch(run.id);
      for await (const { seq } of frames) if (seq > 1_000) return;
    })();
    await until('the socket to outlive its token', () => renewed.length === 2, 15_000);
    await admin.executions.cancel(run.id);
    await Promise.all([watched, second]);
    expect(seqs).toEqual(seqs.map((_, n) => n + 1));
  }, 30_000);
});
