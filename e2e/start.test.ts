import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '#testing';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { actionsOf, call } from './caller.js';
import { asUser, without } from './other-machine.js';
import { type Ended, problemOf, SuiteProcess } from './suite-process.js';
import { upTo } from './watcher.js';
import { makeWorkspace } from './workspace.js';

const isRoot = process.geteuid?.() === 0;
const TEST_MS = 120_000;
const STOP_MS = 10_000;
const NOBODY = 65_534;
const NAMELESS = 61_234;

let suite: SuiteProcess;

beforeAll(async () => {
  suite = await SuiteProcess.open();
}, TEST_MS);
afterAll(() => suite?.close(), 60_000);

/** One sentence or two on one line, no stack, nothing that pretends to run, and nothing left behind. */
const expectRefusal = async ({ code, stdout, stderr }: Ended, sentence: RegExp, of = suite): Promise<void> => {
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^SpecTrace could not start\. [^\n]+\n$/);
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/\bat .+:\d+:\d+/);
  await until('its servers to end', () => of.processes().length === 0);
};

describe('a running suite', () => {
  it('answers who it is and that it is ready', async () => {
    const ready = await call(suite.url, 'GET', '/readyz');
    expect([ready.status, ready.body.status]).toEqual([200, 'ready']);
    expect(ready.body.checks.every(({ ok }: { ok: boolean }) => ok)).toBe(true);
    expect((await call(suite.url, 'GET', '/')).body).toMatchObject({ status: 'ok', service: 'spectrace' });
    expect(suite.output).not.toContain('First login');
  });

  it(
    'is not disturbed by a second one on its folder, which is refused',
    async () => {
      const servers = suite.processes();
      const second = new SuiteProcess({}, suite.folder);
      const { code, stdout, stderr } = await second.failToStart();
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(
        /^SpecTrace could not start\. \S+ is already in use by another SpecTrace: stop it first[^\n]+\n$/,
      );
      expect(suite.processes()).toEqual(servers);
      expect((await call(suite.url, 'GET', '/readyz')).status).toBe(200);
    },
    TEST_MS,
  );

  it(
    'stops on SIGTERM in the middle of a run, which goes on after the next start',
    async () => {
      const { admin } = suite;
      const source = `
apiVersion: playbook/v1
name: lines
steps:
  - id: write
    for_each: [${upTo(8).join(', ')}]
    max: 8
    uses: shell.run@v1
    with:
      argv: [sh, -c, 'echo "$N" >> log.txt; sleep 0.5']
      env: { N: '\${{ item }}' }
    expect: { modified: [log.txt], must: { modified: [log.txt] } }
`;
      await admin.register(source);
      const folder = makeWorkspace(join(suite.workspaces, 'lines'), { 'log.txt': '' });
      const answer = admin.execute('lines', folder, { wait: true });
      const id = await until('the run', async () => (await admin.get('/api/executions')).body.items[0]?.id);
      const watcher = admin.watch(id);
      await watcher.frame(
        'the third line',
        ({ kind, step }) => kind === 'action.started' && step!.actions[0]!.key.endsWith('/2'),
      );

      const { code, ms, stderr } = await suite.stop();
      expect([code, stderr]).toEqual([0, '']);
      expect(ms).toBeLessThan(STOP_MS);
      expect(suite.processes()).toEqual([]);
      expect(await watcher.end()).toBe(1001);
      expect(await answer.then(({ status, body }) => [status, body.id])).toEqual([202, id]);
      const written = readFileSync(join(folder, 'log.txt'), 'utf8');
      expect(written.split('\n').length).toBeLessThan(8);

      await suite.start();
      const result = await suite.admin.ended(id);
      expect(result.status).toBe('succeeded');
      expect(readFileSync(join(folder, 'log.txt'), 'utf8')).toBe(
        upTo(8)
          .map((n) => `${n}\n`)
          .join(''),
      );
      const frames = await suite.admin.frames(id);
      expect(frames.map(({ seq }) => seq)).toEqual(upTo(result.last_seq));
      expect(frames.slice(0, watcher.frames.length)).toEqual(watcher.frames);
    },
    TEST_MS,
  );
});

it(
  'started by npm it stops when npm is told to, and leaves nothing running',
  async () => {
    const byNpm = new SuiteProcess({ npm_config_update_notifier: 'false' });
    try {
      await byNpm.start({}, () => ['npm', 'start']);
      expect(byNpm.processes().length).toBeGreaterThan(0);
      const { code, ms } = await byNpm.stop();
      expect([code, byNpm.processes()]).toEqual([0, []]);
      expect(ms).toBeLessThan(STOP_MS);
    } finally {
      for (const pid of byNpm.processes()) process.kill(pid, 'SIGKILL');
      await byNpm.close();
    }
  },
  TEST_MS,
);

describe('a start is refused in a sentence that names the remedy', () => {
  let ids: string[];
  const listed = async (): Promise<string[]> =>
    (await suite.admin.get('/api/executions')).body.items.map(({ id }: { id: string }) => id);

  beforeAll(async () => {
    ids = await listed();
    expect((await suite.stop()).code).toBe(0);
  }, TEST_MS);

  it(
    'when its port is taken',
    async () => {
      const server = await new Promise<Server>((resolve) => {
        const taken = createServer().listen(0, '127.0.0.1', () => resolve(taken));
      });
      const { port } = server.address() as { port: number };
      await expectRefusal(
        await suite.failToStart({ PORT: String(port) }),
        new RegExp(`Port ${port} on 127.0.0.1 is taken; .*PORT`),
      );
      await new Promise((resolve) => server.close(resolve));
    },
    TEST_MS,
  );

  it(
    'when there is no nats-server',
    async () => {
      const ended = await suite.failToStart({}, without('nats-server', suite.folder));
      await expectRefusal(ended, /nats-server was not found .*apt-get install nats-server/);
    },
    TEST_MS,
  );

  it(
    'when there is no bubblewrap',
    async () => {
      const ended = await suite.failToStart({}, without('bwrap', suite.folder));
      await expectRefusal(ended, /cannot be sandboxed .*apt-get install bubblewrap/);
    },
    TEST_MS,
  );

  it.each([
    ['PORT', 'eighty', /PORT: TCP port/],
    ['WORKSPACE_ROOTS', 'relative', /WORKSPACE_ROOTS: absolute folders/],
    ['APPROVAL_TIMEOUT_SECONDS', '0', /APPROVAL_TIMEOUT_SECONDS: whole seconds/],
    ['SPECTRACE_SAMPLE', 'perhaps', /SPECTRACE_SAMPLE: whether/],
  ])(
    'when %s is %s',
    async (name, value, sentence) => {
      await expectRefusal(await suite.failToStart({ [name]: value }), sentence);
    },
    TEST_MS,
  );

  it(
    'and when the reason is gone, the suite starts with what it had',
    async () => {
      await suite.start();
      expect(await listed()).toEqual(ids);
      expect((await suite.admin.execution(ids[0]!)).status).toBe('succeeded');
    },
    TEST_MS,
  );
});

describe('an ordinary user', () => {
  /** Everybody but root is one; root becomes nobody. */
  const wrap = isRoot ? asUser(NOBODY) : undefined;

  it(
    'starts the suite on nothing, sees the first login once and the sample as it happens, and decides',
    async () => {
      const theirs = new SuiteProcess({
        SPECTRACE_ADMIN_EMAIL: '',
        SPECTRACE_ADMIN_PASSWORD: '',
        SPECTRACE_SAMPLE: 'true',
      });
      try {
        if (isRoot) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, theirs.folder]);
        await theirs.start({}, wrap);
        await until('the sample to wait', () => theirs.output.includes('One action waits for you.'), TEST_MS / 2);
        expect(theirs.output).toMatch(/^First login, shown this once: admin@localhost {2}\S{12,}$/m);
        expect(theirs.log()).not.toContain(/localhost {2}(\S+)$/m.exec(theirs.output)![1]);
        for (const word of ['predicted', 'decided', 'done', 'verified', 'undone', 'DEVIATED']) {
          expect(theirs.output).toContain(word);
        }
        const [run] = (await theirs.admin.get('/api/executions')).body.items;
        expect(run).toMatchObject({ principal: { kind: 'service', id: 'suite' }, status: 'paused' });
        const customers = join(theirs.workspaces, 'tidy/data/customers.db');
        expect(existsSync(customers)).toBe(true);
        const approval = await theirs.admin.pendingApproval(run.id);
        expect((await theirs.admin.post(`/api/autonomy/approvals/${approval}/approve`, {})).status).toBe(200);
        const result = await theirs.admin.ended(run.id);
        expect(result).toMatchObject({ status: 'failed', failure: { code: 'contract.deviated' } });
        expect(actionsOf(result).at(-1)!.verified!.verdict).toBe('verified');
        expect(existsSync(customers)).toBe(false);

        expect((await theirs.stop()).code).toBe(0);
        expect(theirs.processes()).toEqual([]);
        await theirs.start({}, wrap);
        expect(theirs.output).not.toMatch(/First login|The sample/);
        expect((await theirs.admin.get('/api/executions')).body.items.length).toBe(1);
        const again = await theirs.admin.post(`/api/autonomy/approvals/${approval}/approve`, {});
        expect(problemOf(again).status).toBe(409);
      } finally {
        await theirs.close();
      }
    },
    TEST_MS,
  );

  // Only root can become a user that has no name.
  (isRoot ? it : it.skip)(
    'without a name is told what to do',
    async () => {
      const theirs = new SuiteProcess();
      try {
        execFileSync('chown', ['-R', `${NAMELESS}:${NAMELESS}`, theirs.folder]);
        const ended = await theirs.failToStart({}, asUser(NAMELESS));
        await expectRefusal(ended, new RegExp(`user ${NAMELESS} has none: add it to /etc/passwd`), theirs);
      } finally {
        await theirs.close();
      }
    },
    TEST_MS,
  );
});
