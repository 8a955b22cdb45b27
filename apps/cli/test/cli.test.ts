import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Approval, type Execution, type ExecutionResult, type Frame, SpecTraceClient } from '#client';
import { generate } from '#sample';
import { until } from '#testing';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BreakingWire } from './breaking-wire.js';
import { ADMIN, type Ended, SAMPLE, TestSuite } from './suite.fixture.js';

const LOOK = `apiVersion: playbook/v1
name: look
description: Looks at a folder.
inputs:
  depth: { type: integer, default: 1 }
steps:
  - id: look
    uses: file.list@v1
    with: { path: . }
`;

let suite: TestSuite;

const login = (who: string, email: string, password: string): Promise<Ended> =>
  suite.cli(who, ['login', '--email', email, '--password-stdin'], { input: `${password}\n` });
const admin = (...args: string[]): Promise<Ended> => suite.cli('admin', args);
const approver = (...args: string[]): Promise<Ended> => suite.cli('approver', args);
const parsed = <T>({ stdout }: Ended): T => JSON.parse(stdout) as T;
const workspace = (name: string): string => {
  mkdirSync(suite.workspace(name), { recursive: true });
  return suite.workspace(name);
};
const playbook = (name: string, source: string): string => {
  writeFileSync(suite.file(name), source);
  return suite.file(name);
};
/** The newest pending approval. */
const pending = async (): Promise<Approval | undefined> => parsed<Approval[]>(await admin('approvals', '--json'))[0];

beforeAll(async () => {
  suite = await TestSuite.start();
  expect(await login('admin', ADMIN.email, ADMIN.password)).toMatchObject({ code: 0 });
  const added = await admin('member', 'add', 'second@example.org', 'approver', '--json');
  const { one_time_password } = parsed<{ one_time_password: string }>(added);
  const both = `${one_time_password}\nof my own choice`;
  expect(await login('approver', 'second@example.org', both)).toMatchObject({ code: 0 });
}, 60_000);
afterAll(async () => {
  await suite.stop();
  suite.remove();
}, 30_000);

describe('the sample', () => {
  let id: string;

  it('is told live until it waits for a person', async () => {
    generate(suite.workspace('tidy'));
    // As from the folder of the playbook: paths are relative to where the command was typed.
    const { code, stdout } = await suite.cli(
      'admin',
      ['run', basename(SAMPLE), '--workspace', suite.workspace('tidy'), '--input', 'keep_lines=5'],
      { cwd: dirname(SAMPLE) },
    );
    expect(code).toBe(4);
    id = /^Execution (\S+)/.exec(stdout)![1]!;
    expect(stdout).toContain('"KEEP_LINES":"5"');
    expect(stdout).toMatch(/verified {2}DEVIATED: config\/settings\.json/);
    expect(stdout).toMatch(/undone, 3 paths put back; digest \S+ equals the one before/);
    expect(stdout).toMatch(/paused: waits for approval\nOne action waits for a person:/);
  });

  it('is listed with what it waits for', async () => {
    const runs = await admin('executions', '--status', 'paused');
    expect(runs.stdout).toMatch(/^ID +STATUS +RISK +CREATED \(UTC\) +TASK\n/);
    expect(runs.stdout).toContain(`${id.slice(-8)}  paused (approval)`);
    const { stdout } = await admin('approvals');
    expect(stdout).toMatch(/^ID +ACTION +REASONS +EXPIRES IN\n/);
    expect(stdout).toMatch(/file\.delete@v1 data\/customers\.db +Changing protected data.* 14 min \d+ s\n$/);
  });

  it('can be looked at: the action, its digest and what it would change', async () => {
    const { id, digest } = (await pending())!;
    const { code, stdout } = await admin('approvals', 'show', id.slice(-8));
    expect(code).toBe(0);
    expect(stdout).toContain(`Digest      ${digest}\n`);
    expect(stdout).toContain('You         Nobody decides about an action they asked for.');
    expect(stdout).toMatch(/\nDeleted {5}data\/customers\.db\n {2}before {4}sha256:[0-9a-f]{64}\n/);
  });

  it('cannot be approved by who asked for it', async () => {
    const { code, stderr } = await admin('approve', (await pending())!.id.slice(-8));
    expect([code, stderr]).toEqual([
      1,
      'Nobody decides about an action they asked for. Somebody else with the role approver has to decide; an admin can add one, or the run can be cancelled.\n',
    ]);
  });

  it('goes on once somebody else approves, and whoever watches misses nothing of it', async () => {
    const wire = await BreakingWire.to(suite.url);
    const { access_token } = JSON.parse(readFileSync(suite.file('admin.json'), 'utf8'));
    const seqs: number[] = [];
    const watched = (async () => {
      for await (const { seq } of new SpecTraceClient({ baseUrl: wire.url, token: access_token }).watch(id)) {
        seqs.push(seq);
        if (seq === 10 || seq === 40) wire.tear(2);
      }
    })();
    const watching = admin('watch', id.slice(-8));
    const approval = (await pending())!;
    expect(await approver('approve', approval.id.slice(-6), '--reason', 'It is old.')).toMatchObject({
      code: 0,
      stdout: 'Approved: file.delete@v1 data/customers.db.\n',
    });
    const { code, stdout } = await watching;
    expect(code).toBe(1); // one step left its contract
    expect(stdout).toContain('decided   approved by second@example.org');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^ {2}ended: failed \(contract\.deviated\)/);
    expect(existsSync(join(suite.workspace('tidy'), 'data/customers.db'))).toBe(false);
    await watched;
    await wire.close();
    expect(seqs).toEqual(seqs.map((_, n) => n + 1));
    const run = parsed<ExecutionResult>(await admin('show', id, '--json'));
    expect(seqs.at(-1)).toBe(run.last_seq);
  });

  it('is shown afterwards with five facts for every action', async () => {
    const { code, stdout } = await admin('show', id.slice(-8));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^execution \S+\ntask +Tidies a small project/);
    const actions = stdout.match(/^ {4}\S+@v1 /gm)!.length;
    for (const fact of ['predicted', 'decided', 'done', 'verified', 'undone']) {
      expect([fact, stdout.match(new RegExp(`^ {6}${fact} `, 'gm'))!.length]).toEqual([fact, actions]);
    }
    expect((await admin('approvals')).stdout).toBe('Nothing waits for a person.\n');
    expect((await admin('approvals', '--all')).stdout).toMatch(/data\/customers\.db.* claimed /);
  });
});

describe('another run', () => {
  it('that succeeds ends with 0, and as JSON with its result alone', async () => {
    const args = ['run', playbook('look.yaml', LOOK), '--workspace', workspace('look')];
    const told = await admin(...args, '--task', 'Look around.');
    expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/ended: succeeded\n$/) });
    const { code, stdout, stderr } = await admin(...args, '--json');
    const result: ExecutionResult = JSON.parse(stdout);
    expect([code, stderr, result.status, result.execution_trace.length]).toEqual([0, '', 'succeeded', 1]);
    const id = (await admin(...args, '--no-watch')).stdout.trim();
    const frames = (await admin('watch', id, '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Frame);
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, n) => n + 1));
    expect(frames.at(-1)).toMatchObject({ type: 'completion', status: 'succeeded' });
  });

  it('that waits ends as the person says, and waiting for that is what --wait is for', async () => {
    generate(suite.workspace('wait'));
    const source = LOOK.replace('file.list@v1', 'file.delete@v1').replace('path: .', 'path: data/customers.db');
    const waiting = admin('run', playbook('wait.yaml', source), '--workspace', suite.workspace('wait'), '--wait');
    const { id, execution_id } = await until('the question', pending);
    expect(await approver('reject', id, '--reason', 'We need it.')).toMatchObject({
      code: 0,
      stdout: 'Rejected: file.delete@v1 data/customers.db.\n',
    });
    const { code, stdout } = await waiting;
    expect(code).toBe(1);
    expect(stdout).toContain(`Execution ${execution_id}`);
    expect(existsSync(join(suite.workspace('wait'), 'data/customers.db'))).toBe(true);
    expect(await admin('cancel', execution_id)).toMatchObject({ code: 1, stderr: expect.stringContaining('ended') });
  });

  it('that waits is ended by a cancellation', async () => {
    generate(suite.workspace('cancel'));
    const waiting = await admin('run', suite.file('wait.yaml'), '--workspace', suite.workspace('cancel'), '--json');
    expect(waiting.code).toBe(4);
    const { id } = parsed<Execution>(waiting);
    expect(await admin('cancel', id)).toMatchObject({ code: 0, stdout: expect.stringContaining(id) });
    expect(await admin('watch', id)).toMatchObject({ code: 1, stdout: expect.stringContaining('ended: cancelled') });
  });
});

describe('what cannot be right ends with 5 and starts nothing', () => {
  const runs = async (): Promise<string[]> =>
    parsed<Execution[]>(await admin('executions', '--json')).map(({ id }) => id);
  let before: string[];
  beforeAll(async () => {
    before = await runs();
  });

  it.each<[string, () => string[], RegExp]>([
    ['an unknown command', () => ['frobnicate'], /^unknown command 'frobnicate'\n$/],
    ['a missing option', () => ['run', SAMPLE], /^required option '--workspace <folder>' not specified\n$/],
    ['an unknown status', () => ['executions', '--status', 'asleep'], /'asleep' is invalid/],
    ['an address that is none', () => ['executions', '--url', 'spectrace'], /^--url must be an address/],
    ['an id that nothing has', () => ['show', 'ffffffff'], /^There is no execution whose id/],
    [
      'a whole id that nothing has',
      () => ['watch', '01a1f86c-923a-70bc-85bb-000000000000'],
      /no such execution|not exist/i,
    ],
    ['a rejection without a reason', () => ['reject', 'ffffffff'], /^required option '--reason <text>'/],
    [
      'a playbook that is not there',
      () => ['run', 'nowhere.yaml', '--workspace', '.'],
      /nowhere\.yaml cannot be read: ENOENT/,
    ],
    ['a workspace that is not there', () => ['run', SAMPLE, '--workspace', 'nowhere'], /nowhere is not a folder/],
    ['a workspace outside the roots', () => ['run', SAMPLE, '--workspace', '/etc'], /^"\/etc" does not lie below/],
    [
      'an input the playbook does not take',
      () => ['run', SAMPLE, '--workspace', workspace('bad'), '--input', 'keep_lines=many'],
      /keep_lines/,
    ],
    [
      'a playbook with mistakes, each in its place',
      () => {
        const bad = LOOK.replace('file.list', 'file.lst').replace('with:', 'wit:');
        return ['run', playbook('bad.yaml', bad), '--workspace', workspace('bad')];
      },
      /\n {2}\/steps\/0\/uses: 8:11 unknown tool .*\n {2}\/steps\/0\/wit: 9:5 unknown key/,
    ],
  ])('%s', async (_name, args, message) => {
    const ended = await admin(...args());
    expect(ended).toEqual({ code: 5, stdout: '', stderr: expect.stringMatching(message) });
    expect(ended.stderr).not.toMatch(/ {4}at |Error:/);
  });

  it('at all', async () => {
    expect(await runs()).toEqual(before);
  });
});

describe('a server that is down', () => {
  it('is named, with how to start it', async () => {
    await suite.stop();
    const { code, stdout, stderr } = await admin('executions');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `SpecTrace does not answer at ${suite.url}: nothing listens there. Start it with \`npm start\` in its checkout, or name another address with --url.\n`,
    );
  });
});
