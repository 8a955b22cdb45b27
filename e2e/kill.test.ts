import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { executor } from '#contracts';
import { until } from '#testing';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionsOf, type Caller } from './caller.js';
import { SuiteProcess } from './suite-process.js';
import { upTo } from './watcher.js';
import { makeWorkspace, treeOf } from './workspace.js';

/** So many files that looking at them, or putting them back, takes a while. */
const MANY_FILES = 3_000;
const AFTER_RESTART_MS = 60_000;
/** One killed start, one lease that has to run out, one run. */
const TEST_MS = 120_000;

let suite: SuiteProcess;

beforeAll(async () => {
  suite = await SuiteProcess.open();
}, 120_000);
afterAll(() => suite?.close(), 60_000);

const nameOf = (n: number): string => `files/${n % 50}/${n}.txt`;

const many = (content: string): Record<string, string> =>
  Object.fromEntries(upTo(MANY_FILES).map((n) => [nameOf(n), `${content} ${n}\n`]));

/** Null while the file is being replaced. */
const contentOf = (folder: string, n: number): string | null => {
  const file = join(folder, nameOf(n));
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
};

const playbook = (name: string, step: string): string => `
apiVersion: playbook/v1
name: ${name}
steps:
  - id: work
${step.replaceAll(/^/gm, '    ')}
`;

/** Appends one line to log.txt, with something before or after it. */
const appending = (name: string, before: string, after: string): string =>
  playbook(
    name,
    `uses: shell.run@v1
with:
  argv: [sh, -c, '${before} echo done >> log.txt; ${after}']
expect:
  modified: [log.txt]
  must: { modified: [log.txt] }`,
  );

/** A run that has just started, and somebody who watches it. */
const begin = async (source: string, files: Record<string, string>) => {
  const { admin } = suite;
  const name = await admin.register(source);
  const folder = makeWorkspace(join(suite.workspaces, name), files);
  const before = treeOf(folder);
  const id = await admin.submit(name, folder);
  return { id, folder, before, watcher: admin.watch(id) };
};

/** Kills the suite and starts it again at once, with a look at what it left; returns when it was killed. */
const killAndStart = async (look: () => void = () => undefined): Promise<number> => {
  const servers = suite.processes();
  expect(servers.length).toBeGreaterThan(1);
  const killed = Date.now();
  await suite.crash();
  look();
  await suite.start();
  // The servers of the killed process went with it: those that run now are new ones.
  expect(suite.processes().filter((pid) => servers.includes(pid))).toEqual([]);
  return killed;
};

/** The run as it ended, for the `ends`-th time, its journal without a gap and without a double, and what a watcher sees the same. */
const endOf = async (
  admin: Caller,
  id: string,
  ends = 1,
): Promise<{ result: executor.ExecutionResult; frames: executor.Frame[] }> => {
  const result = await admin.ended(id, AFTER_RESTART_MS);
  const frames = await admin.frames(id);
  expect(frames.map(({ seq }) => seq)).toEqual(upTo(result.last_seq));
  expect(frames.filter(({ type }) => type === 'completion').length).toBe(ends);
  expect(frames.at(-1)).toMatchObject({ type: 'completion', status: result.status });
  const facts = await suite.sql<{ type: string; version: number }>(
    `SELECT type, version FROM executor.fact WHERE aggregate_id = $1 ORDER BY version`,
    [id],
  );
  expect(facts.map(({ version }) => version)).toEqual(upTo(facts.length));
  const told = facts.map(({ type }) => type).filter((type) => type !== executor.actionDecided.subject);
  expect(told).toEqual([
    executor.executionSubmitted.subject,
    ...Array.from({ length: ends }, () => executor.executionFinished.subject),
  ]);
  const locks = await suite.sql(`SELECT * FROM executor.workspace_lock WHERE execution_id = $1`, [id]);
  expect(locks).toEqual([]);
  return { result, frames };
};

const count = (frames: executor.Frame[], kind: string): number => frames.filter((frame) => frame.kind === kind).length;
const atOf = (frames: executor.Frame[], kind: string): number =>
  Date.parse(frames.find((frame) => frame.kind === kind)!.at);

describe('kill -9', () => {
  it(
    'before the intent: nothing had happened, and the action is done once',
    async () => {
      const source = playbook('before_intent', 'uses: file.write@v1\nwith: { path: note.txt, content: written }');
      const { id, folder, watcher } = await begin(source, many('old'));
      await watcher.frame('the decision', ({ kind }) => kind === 'action.decided');
      const killed = await killAndStart();
      const { result, frames } = await endOf(suite.admin, id);
      expect(atOf(frames, 'action.decided')).toBeLessThan(killed);
      expect(atOf(frames, 'action.started')).toBeGreaterThan(killed);
      expect([count(frames, 'action.decided'), count(frames, 'action.started')]).toEqual([1, 1]);
      expect(count(frames, 'action.recovered')).toBe(0);
      expect(result.status).toBe('succeeded');
      expect(readFileSync(join(folder, 'note.txt'), 'utf8')).toBe('written');
      expect(actionsOf(result)[0]!.verified!.changes).toEqual([{ path: 'note.txt', change: 'created' }]);
    },
    TEST_MS,
  );

  it(
    'after the intent, before the effect: the command is stopped with the suite and begun again',
    async () => {
      const source = appending('after_intent', 'sleep 2.0625;', '');
      const { id, folder, before, watcher } = await begin(source, { 'log.txt': 'first\n' });
      await watcher.frame('the intent', ({ kind }) => kind === 'action.started');
      const running = await until('the command to run', () => {
        const found = suite.processes('sleep\x002.0625');
        return found.length > 0 && found;
      });
      const killed = await killAndStart();
      expect(suite.processes('sleep\x002.0625').filter((pid) => running.includes(pid))).toEqual([]);
      expect(treeOf(folder)).toEqual(before);
      const { result, frames } = await endOf(suite.admin, id);
      expect(atOf(frames, 'action.started')).toBeLessThan(killed);
      expect(atOf(frames, 'action.recovered')).toBeGreaterThan(killed);
      expect([count(frames, 'action.recovered'), count(frames, 'action.done')]).toEqual([1, 1]);
      expect(result.status).toBe('succeeded');
      expect(readFileSync(join(folder, 'log.txt'), 'utf8')).toBe('first\ndone\n');
    },
    TEST_MS,
  );

  it(
    'after the effect: what nobody saw finish is taken back and done once',
    async () => {
      const source = appending('after_effect', '', 'sleep 2;');
      const { id, folder, watcher } = await begin(source, { 'log.txt': 'first\n' });
      const log = join(folder, 'log.txt');
      await until('the effect', () => readFileSync(log, 'utf8') === 'first\ndone\n');
      const killed = await killAndStart();
      expect(watcher.frames.some(({ kind }) => kind === 'action.done')).toBe(false);
      const { result, frames } = await endOf(suite.admin, id);
      expect(atOf(frames, 'action.recovered')).toBeGreaterThan(killed);
      expect([count(frames, 'action.recovered'), count(frames, 'action.done')]).toEqual([1, 1]);
      expect(result.status).toBe('succeeded');
      expect(readFileSync(log, 'utf8')).toBe('first\ndone\n');
    },
    TEST_MS,
  );

  it(
    'during the undo: the rest is put back too',
    async () => {
      const source = playbook(
        'during_undo',
        `uses: shell.run@v1
with:
  argv: [sh, -c, 'echo asked > wanted.txt; find files -type f | while read -r f; do echo spoilt > "$f"; done']
expect:
  created: [wanted.txt]`,
      );
      const { id, folder, before, watcher } = await begin(source, many('precious'));
      const { step } = await watcher.frame('the verdict', ({ kind }) => kind === 'action.verified');
      expect(step!.actions[0]!.verified).toMatchObject({ verdict: 'deviated', change_count: MANY_FILES + 1 });
      const spoilt = (): number => upTo(MANY_FILES).filter((n) => contentOf(folder, n) === 'spoilt\n').length;
      await until('the first file to be put back', () => spoilt() < MANY_FILES);
      const killed = await killAndStart(() => {
        expect(spoilt()).toBeGreaterThan(0);
        expect(spoilt()).toBeLessThan(MANY_FILES);
      });
      const { result, frames } = await endOf(suite.admin, id);
      expect(atOf(frames, 'action.verified')).toBeLessThan(killed);
      expect(atOf(frames, 'action.undone')).toBeGreaterThan(killed);
      expect([count(frames, 'action.verified'), count(frames, 'action.undone')]).toEqual([1, 1]);
      expect(result).toMatchObject({ status: 'failed', failure: { code: 'contract.deviated' } });
      const { undone } = actionsOf(result)[0]!;
      expect(undone!.outcome).toBe('undone');
      expect(undone!.after).toBe(undone!.before);
      expect(treeOf(folder)).toEqual(before);
    },
    TEST_MS,
  );

  it(
    'while a person is asked: the answer counts afterwards, once',
    async () => {
      const approver = await suite.person('approver@example.org', 'approver');
      const source = playbook('while_asked', 'uses: file.delete@v1\nwith: { path: data/customers.db }');
      const { id, folder, before } = await begin(source, { 'data/customers.db': 'a\n', 'data/orders.db': 'b\n' });
      await suite.admin.paused(id);
      const approval = await approver.pendingApproval(id);
      await killAndStart();
      expect((await suite.admin.execution(id)).status).toBe('paused');
      expect(treeOf(folder)).toEqual(before);
      const again = await suite.personAgain('approver@example.org');
      expect(await again.pendingApproval(id)).toBe(approval);
      expect((await again.post(`/api/autonomy/approvals/${approval}/approve`, {})).status).toBe(200);
      const { result, frames } = await endOf(suite.admin, id);
      expect([count(frames, 'action.approved'), count(frames, 'action.started')]).toEqual([1, 1]);
      expect(result.status).toBe('succeeded');
      expect([existsSync(join(folder, 'data/customers.db')), existsSync(join(folder, 'data/orders.db'))]).toEqual([
        false,
        true,
      ]);
      expect((await again.get(`/api/autonomy/approvals/${approval}`)).body.status).toBe('claimed');
    },
    TEST_MS,
  );

  it(
    'between the claim of an approval and the intent: the claim is good after the deadline, for the same action, once',
    async () => {
      const approver = await suite.person('claims@example.org', 'approver');
      const source = playbook('after_claim', 'uses: file.delete@v1\nwith: { path: data/customers.db }');
      const { id, folder } = await begin(source, { 'data/customers.db': 'a\n' });
      await suite.admin.paused(id);
      const approval = await approver.pendingApproval(id);
      // Whoever holds the action's row lets the executor claim, and not write down that it has.
      const held = await suite.connect();
      held.on('error', () => undefined); // it dies with the database
      await held.query('BEGIN');
      await held.query(`SELECT FROM executor.action WHERE execution_id = $1 FOR UPDATE`, [id]);
      expect((await approver.post(`/api/autonomy/approvals/${approval}/approve`, {})).status).toBe(200);
      const stateOf = `SELECT status FROM governance.approval WHERE id = $1`;
      await until('the claim', async () => (await suite.sql(stateOf, [approval]))[0]!.status === 'claimed');
      await suite.sql(`UPDATE governance.approval SET expires_at = clock_timestamp() WHERE id = $1`, [approval]);
      const killed = await killAndStart();
      const { result, frames } = await endOf(suite.admin, id);
      expect(atOf(frames, 'action.approved')).toBeGreaterThan(killed);
      expect([count(frames, 'action.approved'), count(frames, 'action.started')]).toEqual([1, 1]);
      expect(result.status).toBe('succeeded');
      expect(actionsOf(result)[0]!.decided).toMatchObject({ approvers: ['claims@example.org'], approval: 'approved' });
      expect(existsSync(join(folder, 'data/customers.db'))).toBe(false);
      const told = await suite.sql<{ type: string }>(
        `SELECT type FROM governance.fact WHERE aggregate_id = $1 ORDER BY version`,
        [approval],
      );
      expect(told.map(({ type }) => type.split('.')[2])).toEqual(['requested', 'decided', 'claimed']);
    },
    TEST_MS,
  );

  it(
    'while people have paused it, and again while they have it rolled back',
    async () => {
      const spoil = `uses: shell.run@v1
with:
  argv: [sh, -c, 'find files -type f | while read -r f; do echo new > "$f"; done']
expect: { modified: ['files/**'] }`;
      const source = `${playbook('rolled_back', spoil)}  - id: last
    uses: file.write@v1
    with: { path: last.txt, content: last }
`;
      const { id, folder, before, watcher } = await begin(source, many('precious'));
      await watcher.frame('the intent', ({ kind }) => kind === 'action.started');
      const ask = async (request: string): Promise<void> =>
        expect((await suite.admin.post(`/api/executions/${id}/${request}`, { reason: 'a look' })).status).toBe(202);
      await ask('pause');
      expect(await suite.admin.paused(id, AFTER_RESTART_MS)).toMatchObject({ paused_reason: 'person' });
      await killAndStart();
      expect(await suite.admin.execution(id)).toMatchObject({ status: 'paused', paused_reason: 'person' });
      expect(existsSync(join(folder, 'last.txt'))).toBe(false);
      await ask('resume');
      expect((await endOf(suite.admin, id)).result.status).toBe('succeeded');
      await ask('rollback');
      const changed = (): number => upTo(MANY_FILES).filter((n) => contentOf(folder, n) === 'new\n').length;
      await until('the first file to be put back', () => changed() < MANY_FILES);
      await killAndStart(() => expect(changed()).toBeGreaterThan(0));
      const { result, frames } = await endOf(suite.admin, id, 2);
      expect(result.status).toBe('rolled_back');
      expect([count(frames, 'action.undoing'), count(frames, 'execution.rollback_requested')]).toEqual([2, 1]);
      for (const { undone } of actionsOf(result)) expect(undone!.after).toBe(undone!.before);
      expect(treeOf(folder)).toEqual(before);
    },
    TEST_MS,
  );
});
