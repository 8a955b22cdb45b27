import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ADMIN_ACCOUNT, Stage } from './stage.js';
import { Monitor } from './monitor.js';

const TEST_MS = 150_000;

let stage: Stage;
let stranger: Server;
let strangersUrl: string;

beforeAll(async () => {
  stage = await Stage.open();
  stranger = createServer((_, answer) =>
    answer.setHeader('content-type', 'text/html').end('<title>Free kittens</title>'),
  );
  await new Promise<void>((listening) => stranger.listen(0, '127.0.0.1', listening));
  strangersUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
}, 120_000);
afterAll(async () => {
  stranger?.close();
  await stage?.close();
}, 60_000);

const during = (work: () => Promise<void>) => () => stage.chrome.during(work);

describe('a session', () => {
  it(
    'that is ended in another place leads to the login over the same page, and back to it',
    during(async () => {
      const { id } = await stage.waiting('session');
      const account = await stage.account('everywhere', 'admin');
      const here = await stage.visitor(account, `/executions/${id}`);
      here.allow(/status of 401/, /WebSocket connection to/);
      await new Monitor(here, id).is('waits for approval');
      const there = await stage.visitor(account, '/settings/account');
      await there.button(/^End the session of Chrom/).click();
      await there.reads('Session ended');
      await here.heading('Sign in').waitFor();
      await here.reads('Your session has ended');
      expect(new URL(here.page.url()).pathname).toBe(`/executions/${id}`);
      await here.fillIn(account);
      await new Monitor(here, id).is('waits for approval');
      expect(new URL(here.page.url()).pathname).toBe(`/executions/${id}`);
    }),
    TEST_MS,
  );

  it(
    'is not lent to a page of somebody else, not even on the same host',
    during(async () => {
      const visitor = await stage.visitor(ADMIN_ACCOUNT);
      visitor.allow(/CORS|ERR_FAILED|status of 40[13]|ERR_BLOCKED/i);
      const members = `${stage.suite.url}/api/teams/${stage.suite.team}/members`;
      const before = (await stage.suite.admin.get(`/api/teams/${stage.suite.team}/members`)).body;
      await visitor.page.goto(strangersUrl);
      const body = JSON.stringify({ email: 'mallory@example.org', role: 'admin' });
      const outcomes = await visitor.evaluate<string[]>(`Promise.all([
      fetch('${members}', { credentials: 'include' }),
      fetch('${members}', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(body)} }),
      fetch('${members}', { method: 'POST', credentials: 'include', mode: 'no-cors', body: ${JSON.stringify(body)} }),
    ].map((sent) => sent.then(({ type }) => type, ({ name }) => name)))`);
      expect(outcomes).toEqual(['TypeError', 'TypeError', 'TypeError']);
      expect((await stage.suite.admin.get(`/api/teams/${stage.suite.team}/members`)).body).toEqual(before);

      await visitor.evaluate(`new Promise((loaded) => {
      const frame = document.createElement('iframe');
      frame.onload = loaded;
      frame.src = '${stage.suite.url}/executions';
      document.body.append(frame);
    })`);
      expect(await visitor.page.frames().at(-1)!.locator('body').innerText()).not.toMatch(/SpecTrace|Executions/);
      expect(visitor.takeProblems().join()).toMatch(/frame-ancestors/);
    }),
    TEST_MS,
  );

  it(
    'of another team finds nothing behind a link to an execution',
    during(async () => {
      const { id } = await stage.waiting('foreign');
      const other = (await stage.suite.admin.post('/api/teams', { name: 'other' })).body.id;
      const account = await stage.account('stranger', 'admin', other);
      const visitor = await stage.visitor(account, `/executions/${id}`);
      visitor.allow(/status of 404/);
      await visitor.reads(/There is nothing here|no such execution|no execution/i);
      const text = await visitor.page.getByRole('main').innerText();
      expect(text).not.toMatch(/tidy|customers/i);
      visitor.takeProblems();
    }),
    TEST_MS,
  );
});
