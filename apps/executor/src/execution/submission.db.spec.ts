import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallContext, executor } from '#contracts';
import { FactLog, FactSignal } from '#persistence';
import { callContext } from '#testing';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRows, type Rows } from '../../test/rows.js';
import { PlaybookService } from '../playbook/playbook.service.js';
import { ToolRegistry } from '../tool/tool.registry.js';
import { WorkRepository, WorkSignal } from '../work/work.repository.js';
import { WorkspaceService } from '../workspace/workspace.service.js';
import { SubmissionService } from './submission.service.js';

const playbook = (name: string, path = 'x'): string => `
apiVersion: playbook/v1
name: ${name}
inputs:
  depth: { type: integer, default: 1 }
steps:
  - id: only
    uses: file.delete@v1
    with: { path: ${path} }
`;

let rows: Rows;
let base: string;
let playbooks: PlaybookService;
let service: SubmissionService;
let signalled = 0;
beforeAll(async () => {
  rows = await openRows();
  base = mkdtempSync(join(tmpdir(), 'submission-'));
  mkdirSync(join(base, 'roots/project'), { recursive: true });
  const env = { WORKSPACE_ROOTS: [join(base, 'roots')] };
  const workspaces = new WorkspaceService(env as never, { home: join(base, 'home'), databaseUrl: '', natsUrl: '' });
  playbooks = new PlaybookService(rows.database, new ToolRegistry());
  const facts = new FactSignal();
  facts.listen(() => (signalled += 1));
  const work = new WorkRepository(new WorkSignal());
  service = new SubmissionService(rows.database, new FactLog(facts), rows.journal, playbooks, workspaces, work);
});
afterAll(async () => {
  rmSync(base, { recursive: true });
  await rows.close();
});

let ctx: CallContext;
beforeEach(async () => {
  ctx = callContext({ roles: ['operator'] });
  await playbooks.register(ctx, { source: playbook('clean') });
  signalled = 0;
});
const input = (given: Partial<executor.SubmitExecution> = {}): executor.SubmitExecution => ({
  task_description: 'clean up',
  agent_type: 'playbook',
  playbook: { name: 'clean' },
  workspace: { kind: 'local', path: join(base, 'roots/project') },
  ...given,
});
const TABLES = ['execution', 'journal', 'fact', 'work', 'request'];
const written = async (): Promise<Record<string, number>> => {
  const counts = TABLES.map(async (table) => {
    const sql = `SELECT count(*)::integer AS count FROM executor.${table} WHERE team_id = $1`;
    return [table, (await rows.asAdmin<{ count: number }>(sql, [ctx.team]))[0]!.count] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
};
const each = (count: number, requests: number) => ({
  execution: count,
  journal: count,
  fact: count,
  work: count,
  request: requests,
});

it('a task that is taken is an execution, its first row, its fact and its work, pinned to what it rests on', async () => {
  const before = await playbooks.get(ctx, 'clean');
  const view = await service.submit(ctx, input({ playbook: { name: 'clean', inputs: { depth: 2 } } }));
  await playbooks.register(ctx, { source: playbook('clean', 'something/else') });
  expect(view).toMatchObject({
    status: 'submitted',
    phase: 'running',
    last_seq: 1,
    playbook: { name: 'clean', digest: before.digest, inputs: { depth: 2 } },
    principal: ctx.principal,
  });
  expect(await written()).toEqual(each(1, 0));
  expect(signalled).toBe(1);
  const [fact] = await rows.asAdmin<{ version: number; body: object }>(
    `SELECT version, body FROM executor.fact WHERE team_id = $1`,
    [ctx.team],
  );
  expect(fact).toEqual({
    version: 1,
    body: {
      execution_id: view.id,
      agent_id: 'clean',
      agent_type: 'playbook',
      task_description: 'clean up',
      journal_seq: 1,
    },
  });
});

describe('an Idempotency-Key', () => {
  const withKey = (key: string): CallContext => ({ ...ctx, idempotency_key: key });

  it('with the same body gets the same answer and creates nothing more', async () => {
    const first = await service.submit(withKey('k'), input());
    expect(await service.submit(withKey('k'), input())).toEqual(first);
    expect(await written()).toEqual(each(1, 1));
  });

  it('gets the same answer although a newer playbook of the name is there', async () => {
    const first = await service.submit(withKey('k'), input());
    await playbooks.register(ctx, { source: playbook('clean', 'y') });
    expect(await service.submit(withKey('k'), input())).toEqual(first);
  });

  it('gets the same answer although the folder is gone', async () => {
    const folder = mkdtempSync(join(base, 'roots/'));
    const task = input({ workspace: { kind: 'local', path: folder } });
    const first = await service.submit(withKey('k'), task);
    rmSync(folder, { recursive: true });
    expect(await service.submit(withKey('k'), task)).toEqual(first);
  });

  it('with another body is refused', async () => {
    await service.submit(withKey('k'), input());
    const other = service.submit(withKey('k'), input({ task_description: 'something else' }));
    await expect(other).rejects.toMatchObject({ code: 'request.key_reused' });
    expect(await written()).toEqual(each(1, 1));
  });

  it('of concurrent twins makes one execution', async () => {
    const views = await Promise.all(Array.from({ length: 8 }, () => service.submit(withKey('k'), input())));
    expect(new Set(views.map(({ id }) => id)).size).toBe(1);
    expect(await written()).toEqual(each(1, 1));
  });

  it('of another team is another key; without one every call creates', async () => {
    await service.submit(withKey('k'), input());
    const theirs = callContext({ idempotency_key: 'k', roles: ['operator'] });
    await playbooks.register({ ...theirs, idempotency_key: undefined }, { source: playbook('clean') });
    const other = await service.submit(theirs, input());
    const more = await Promise.all([service.submit(ctx, input()), service.submit(ctx, input())]);
    expect(new Set([other.id, ...more.map(({ id }) => id)]).size).toBe(3);
    expect(await written()).toEqual(each(3, 1));
  });
});

describe('nothing is written when a task is refused', () => {
  it.each<[string, () => Partial<executor.SubmitExecution>, string]>([
    ['an unknown agent type', () => ({ agent_type: 'nobody' }), 'execution.agent_type_unknown'],
    ['no playbook', () => ({ playbook: undefined }), 'execution.incomplete'],
    ['a playbook that does not exist', () => ({ playbook: { name: 'none' } }), 'playbook.not_found'],
    [
      'inputs that do not fit',
      () => ({ playbook: { name: 'clean', inputs: { depth: 'deep' } } }),
      'playbook.inputs_invalid',
    ],
    ['inputs nobody declared', () => ({ playbook: { name: 'clean', inputs: { x: 1 } } }), 'playbook.inputs_invalid'],
    [
      'a workspace outside the roots',
      () => ({ workspace: { kind: 'local', path: '/etc' } }),
      'workspace.outside_roots',
    ],
    [
      'a workspace that does not exist',
      () => ({ workspace: { kind: 'local', path: join(base, 'roots/none') } }),
      'workspace.not_found',
    ],
    ['on behalf of somebody else', () => ({ on_behalf_of: 'bob' }), 'execution.on_behalf_of_refused'],
  ])('%s', async (_, given, code) => {
    await expect(service.submit({ ...ctx, idempotency_key: 'k' }, input(given()))).rejects.toMatchObject({ code });
    expect(await written()).toEqual(each(0, 0));
    await expect(service.submit({ ...ctx, idempotency_key: 'k' }, input())).resolves.toMatchObject({
      status: 'submitted',
    });
  });

  it("another team's playbook, by name or by digest", async () => {
    const theirs = callContext();
    const { digest } = await playbooks.register(theirs, { source: playbook('theirs') });
    for (const choice of [{ name: 'theirs' }, { digest }]) {
      await expect(service.submit(ctx, input({ playbook: choice }))).rejects.toMatchObject({
        code: 'playbook.not_found',
      });
    }
    expect(await written()).toEqual(each(0, 0));
  });
});
