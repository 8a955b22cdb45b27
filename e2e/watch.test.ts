import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { executor } from '#contracts';
import { uuidv7 } from '#kernel';
import { join } from 'node:path';
import type { Caller } from './caller.js';
import { SuiteProcess } from './suite-process.js';
import { upTo, Watcher } from './watcher.js';
import { makeWorkspace } from './workspace.js';

const ABSENT_MS = 3_000;
/** A frame every little while. */
const SLOW = `
apiVersion: playbook/v1
name: slow
inputs:
  items: { type: list, required: true }
steps:
  - id: work
    for_each: \${{ inputs.items }}
    max: 20
    uses: shell.run@v1
    with:
      argv: [sh, -c, 'sleep 0.3; echo "$ITEM" >> log.txt']
      env: { ITEM: '\${{ item }}' }
    expect:
      created: [log.txt]
      modified: [log.txt]
`;
const QUICK = `
apiVersion: playbook/v1
name: quick
steps:
  - id: look
    uses: file.list@v1
    with: { path: . }
`;

let suite: SuiteProcess;
let admin: Caller;

beforeAll(async () => {
  suite = await SuiteProcess.open();
  admin = suite.admin;
  await admin.register(SLOW);
  await admin.register(QUICK);
}, 120_000);
afterAll(() => suite?.close(), 60_000);

const submit = (name: string, inputs = {}): Promise<string> => {
  const folder = makeWorkspace(join(suite.workspaces, uuidv7()), { 'README.md': 'Nothing.\n' });
  return admin.submit(name, folder, { playbook: { name, inputs } });
};

const finished = async (): Promise<string> => {
  const id = await submit('quick');
  await admin.ended(id);
  return id;
};

const second = (kind: string) => (frame: executor.Frame) =>
  frame.kind === kind && frame.step!.actions[0]!.key.endsWith('/1');

describe('a client that watches', () => {
  it('and drops for three seconds in the middle sees every frame once, as does one that stayed', async () => {
    const id = await submit('slow', { items: upTo(18) });
    const stayed = admin.watch(id);
    const dropped = admin.watch(id);
    await dropped.frame('the second action', second('action.started'));
    dropped.drop();
    await dropped.end();
    const seen = dropped.seqs;
    const left = Date.parse(dropped.frames.at(-1)!.at);
    await stayed.frame('three seconds later', ({ at }) => Date.parse(at) >= left + ABSENT_MS);

    const back = admin.watch(id, seen.at(-1));
    expect(await back.end()).toBe(1000);
    expect(await stayed.end()).toBe(1000);
    const { last_seq, status } = await admin.execution(id);
    expect(status).toBe('succeeded');
    expect(back.seqs.length).toBeGreaterThan(20);
    expect([...seen, ...back.seqs]).toEqual(upTo(last_seq));
    expect(stayed.seqs).toEqual(upTo(last_seq));
    expect([...dropped.frames, ...back.frames]).toEqual(stayed.frames);
    expect(stayed.frames).toEqual(await admin.frames(id));
    expect(stayed.frames.at(-1)).toMatchObject({ type: 'completion', status: 'succeeded' });
    expect(stayed.frames.filter(({ type }) => type === 'completion').length).toBe(1);
  }, 60_000);

  it('and asks again for what it missed gets exactly that', async () => {
    const id = await submit('slow', { items: upTo(5) });
    const first = admin.watch(id);
    await first.frame('the second action', second('action.done'));
    first.drop();
    await first.end();
    const seen = first.seqs;
    // Comes back at the end it has never seen, and names where it was.
    const back = admin.watch(id, 2_000_000_000);
    await back.opened();
    back.say({ type: 'resume', after: seen.at(-1) });
    expect(await back.end()).toBe(1000);
    const { last_seq } = await admin.execution(id);
    expect([...seen, ...back.seqs]).toEqual(upTo(last_seq));
  }, 60_000);

  it('a run that has ended gets all of it, or the rest of it, and is let go', async () => {
    const id = await finished();
    const { last_seq } = await admin.execution(id);
    for (const [after, seqs] of [
      [undefined, upTo(last_seq)],
      [0, upTo(last_seq)],
      [last_seq - 1, [last_seq]],
      [last_seq, []],
    ] as const) {
      const watcher = admin.watch(id, after);
      expect(await watcher.end()).toBe(1000);
      expect(watcher.seqs).toEqual(seqs);
    }
  });
});

describe('an upgrade is refused', () => {
  it('for an execution that nobody has, or that another team has', async () => {
    const id = await finished();
    expect(await admin.watch(uuidv7()).refusal()).toEqual({ status: 404, code: 'execution.not_found' });
    const { body: team } = await admin.post('/api/teams', { name: 'watchers' });
    const stranger = await suite.person('stranger@example.org', 'admin', team.id);
    expect(await stranger.watch(id).refusal()).toEqual({ status: 404, code: 'execution.not_found' });
    expect((await stranger.get(`/api/executions/${id}`)).status).toBe(404);
  });

  it('for nobody in particular, and for a token in the URL', async () => {
    const id = await finished();
    const nobody = new Watcher(suite.url, `/ws/${id}`, null);
    expect(await nobody.refusal()).toEqual({ status: 401, code: 'auth.required' });
    for (const name of ['token', 'access_token']) {
      const told = new Watcher(suite.url, `/ws/${id}?${name}=${admin.token}`, null);
      expect(await told.refusal()).toEqual({ status: 400, code: 'auth.token_in_url' });
    }
    expect(suite.log()).not.toContain(admin.token);
  });
});
