import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { executor } from '#contracts';
import { until } from '#testing';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionsOf, type Answer, type Caller } from './caller.js';
import { Processes } from './processes.js';
import { problemOf } from './suite-process.js';
import { upTo } from './watcher.js';
import { makeWorkspace } from './workspace.js';

const START_MS = 120_000;
const STOP_MS = 60_000;
const LEASE_S = 5;

/** Runs `lines` times a command that appends one line; each takes a moment, so that a run can be met in its middle. */
const appending = (name: string, lines: number, seconds = 0.2): string => `
apiVersion: playbook/v1
name: ${name}
steps:
${upTo(lines)
  .map(
    (n) => `
  - id: line_${n}
    uses: shell.run@v1
    with:
      argv: [sh, -c, 'sleep ${seconds / 2}; echo ${n} >> log.txt; sleep ${seconds / 2}']
    expect: { modified: [log.txt], must: { modified: [log.txt] } }`,
  )
  .join('')}
`;

/** One command that takes longer than a lease. */
const LONG = `
apiVersion: playbook/v1
name: long
steps:
  - id: work
    uses: shell.run@v1
    with:
      argv: [sh, -c, 'echo begin >> log.txt; sleep ${LEASE_S + 4}; echo end >> log.txt']
    expect: { modified: [log.txt], must: { modified: [log.txt] } }
`;

const ASKING = `
apiVersion: playbook/v1
name: asking
steps:
  - id: work
    uses: file.delete@v1
    with: { path: data/customers.db }
`;

const lines = (count: number): string => upTo(count).join('\n') + '\n';

/** A gateway remembers for half a second who somebody is; the rest is a busy machine's. */
const WITHIN_MS = 3_000;

describe('two gateways', () => {
  let processes: Processes;
  let here: Caller;
  let there: Caller;
  let approver: Caller;

  beforeAll(async () => {
    processes = await Processes.run();
    here = processes.admin;
    there = here.through(processes.gateway(2));
    approver = await processes.person('approver@example.org', 'approver');
    await here.register(appending('appending', 4));
    await there.register(ASKING);
  }, START_MS);
  afterAll(() => processes?.close(), STOP_MS);

  const folder = (name: string, files: Record<string, string>): string =>
    makeWorkspace(join(processes.workspaces, name), files);

  it('show the same run: submitted at one, watched at the other without a gap', async () => {
    const id = await here.submit('appending', folder('watched', { 'log.txt': '' }));
    const watcher = there.watch(id);
    expect(await watcher.end()).toBe(1000);
    const result = await there.ended(id);
    expect(result.status).toBe('succeeded');
    expect(watcher.seqs).toEqual(upTo(result.last_seq));
    expect(await here.frames(id)).toEqual(watcher.frames);
  });

  it('let people decide at either: approved at the other, the run goes on', async () => {
    const workspace = folder('decided', { 'data/customers.db': 'a\n', 'data/orders.db': 'b\n' });
    const id = await here.submit('asking', workspace);
    await here.paused(id);
    const elsewhere = approver.through(processes.gateway(2));
    const approval = await elsewhere.pendingApproval(id);
    const answers = await Promise.all(
      [approver, elsewhere].map((who) => who.post(`/api/autonomy/approvals/${approval}/approve`, {})),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await here.ended(id)).status).toBe('succeeded');
    expect(existsSync(join(workspace, 'data/customers.db'))).toBe(false);
  });

  it('refuse who was removed at one: it at once, the other within a second', async () => {
    const member = await processes.person('leaving@example.org', 'operator');
    const elsewhere = member.through(processes.gateway(2));
    expect((await elsewhere.get('/api/executions')).status).toBe(200);
    const id = await here.submit('appending', folder('left', { 'log.txt': '' }));
    const watcher = elsewhere.watch(id);
    await watcher.opened();

    const { id: user } = (await member.get('/api/auth/me')).body.user;
    expect((await here.call('DELETE', `/api/teams/${processes.team}/members/${user}`)).status).toBe(204);
    expect(problemOf(await member.get('/api/executions')).status).toBe(403);
    const removedAt = performance.now();
    const refused = await until('the other gateway to refuse', async () => {
      const answer = await elsewhere.get('/api/executions');
      return answer.status !== 200 && problemOf(answer);
    });
    expect(refused.status).toBe(403);
    expect(performance.now() - removedAt).toBeLessThan(WITHIN_MS);
    expect(await watcher.end()).toBe(4403);
    await here.ended(id);
  });

  it('make one run of twins with one Idempotency-Key, sent to both at once', async () => {
    const workspace = folder('twins', { 'log.txt': '' });
    const headers = { 'idempotency-key': 'twins' };
    const body = {
      task_description: 'Run appending.',
      agent_type: 'playbook',
      playbook: { name: 'appending' },
      workspace: { kind: 'local', path: workspace },
    };
    const send = (who: Caller, more: object = {}): Promise<Answer> =>
      who.call('POST', '/api/execute', { headers, body: { ...body, ...more } });
    const answers = await Promise.all(upTo(10).map((n) => send(n % 2 ? here : there)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const ids = new Set(answers.map((answer) => answer.body.id));
    expect(ids.size).toBe(1);
    const other = await send(there, { task_description: 'Something else.' });
    expect(problemOf(other)).toEqual({ status: 409, code: 'request.key_reused' });

    await here.ended([...ids][0]);
    const runs = (await there.get('/api/executions')).body.items as executor.ExecutionView[];
    expect(runs.filter((run) => run.workspace?.path === workspace)).toHaveLength(1);
    expect(readFileSync(join(workspace, 'log.txt'), 'utf8')).toBe(lines(4));
  });

  it('stand in for each other: one is killed, its watchers go on at the other where they were', async () => {
    const id = await here.submit('appending', folder('moved', { 'log.txt': '' }));
    const watchers = upTo(5).map(() => there.watch(id));
    await Promise.all(watchers.map((watcher) => watcher.frame('an effect', ({ kind }) => kind === 'action.done')));
    await processes.kill('gateway-2');
    const moved = await Promise.all(
      watchers.map(async (watcher) => {
        expect(await watcher.end()).toBe(1006);
        return here.watch(id, watcher.seqs.at(-1)!);
      }),
    );
    await Promise.all(moved.map((watcher) => watcher.end()));
    const { status, last_seq } = await here.ended(id);
    expect(status).toBe('succeeded');
    for (const [i, watcher] of watchers.entries()) {
      expect([...watcher.seqs, ...moved[i]!.seqs]).toEqual(upTo(last_seq));
    }
  });
});

describe('two executors', () => {
  const RUNS = 20;
  const LINES = 5;
  let processes: Processes;
  let admin: Caller;

  beforeAll(async () => {
    processes = await Processes.run([], { EXECUTOR_LEASE_SECONDS: String(LEASE_S), EXECUTOR_SLOTS: '10' });
    admin = processes.admin;
    await admin.register(appending('appending', LINES));
  }, START_MS);
  afterAll(() => processes?.close(), STOP_MS);

  const folder = (name: string): string => makeWorkspace(join(processes.workspaces, name), { 'log.txt': '' });

  /** Every effect once: in the world, in the record and in the journal. */
  const expectEveryEffectOnce = async (id: string, workspace: string, count: number): Promise<void> => {
    const result = await admin.ended(id);
    const frames = await admin.frames(id);
    expect(readFileSync(join(workspace, 'log.txt'), 'utf8')).toBe(lines(count));
    expect([result.status, actionsOf(result).length]).toEqual(['succeeded', count]);
    expect(frames.map(({ seq }) => seq)).toEqual(upTo(result.last_seq));
    expect(frames.filter(({ kind }) => kind === 'action.done').length).toBe(count);
  };

  /** The executor that runs a command now. */
  const worker = (): { working: string; other: string } =>
    processes.sandboxesOf('executor-1') > 0
      ? { working: 'executor-1', other: 'executor-2' }
      : { working: 'executor-2', other: 'executor-1' };

  const attempts = async (id: string): Promise<number> => {
    const [work] = await processes.sql<{ attempt: number }>(
      `SELECT attempt FROM executor.work WHERE execution_id = $1`,
      [id],
    );
    return work!.attempt;
  };

  it('never work in one folder: a paused one, continued after it lost its run, changes nothing any more', async () => {
    await admin.register(LONG);
    const workspace = folder('paused');
    const log = (): string => readFileSync(join(workspace, 'log.txt'), 'utf8');
    const id = await admin.submit('long', workspace);
    await until('the effect', () => log() === 'begin\n');
    const { working, other } = worker();
    processes.signal(working, 'SIGSTOP');
    await until('the lease to pass to the other one', async () => (await attempts(id)) > 1, 4 * LEASE_S * 1_000);
    // The command of the paused executor runs on, and nobody begins beside it.
    await until(
      'the command to end',
      () => {
        expect(processes.sandboxesOf(other)).toBe(0);
        return processes.sandboxesOf(working) === 0;
      },
      4 * LEASE_S * 1_000,
    );
    expect(log()).toBe('begin\nend\n');
    processes.signal(working, 'SIGCONT');
    const result = await admin.ended(id);
    expect(result.status).toBe('succeeded');
    const frames = await admin.frames(id);
    expect(frames.map(({ seq }) => seq)).toEqual(upTo(result.last_seq));
    expect(frames.filter(({ kind }) => kind === 'action.recovered')).toHaveLength(1);
    expect(log()).toBe('begin\nend\n');
  }, 120_000);

  it('share the runs, and one takes over what the other was killed with, with no effect twice', async () => {
    const runs = await Promise.all(
      upTo(RUNS).map(async (n) => {
        const workspace = folder(`shared-${n}`);
        return { workspace, id: await admin.submit('appending', workspace) };
      }),
    );
    await until('both to work', () => ['executor-1', 'executor-2'].every((name) => processes.sandboxesOf(name) > 0));
    await processes.kill('executor-2');
    for (const { id, workspace } of runs) await expectEveryEffectOnce(id, workspace, LINES);
    const recovered = await processes.sql<{ n: number }>(
      `SELECT count(*)::integer AS n FROM executor.work WHERE attempt > 1`,
    );
    expect(recovered[0]!.n).toBeGreaterThan(1);
  }, 120_000);
});
