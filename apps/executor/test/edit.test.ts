import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type CallContext, executor as contract, governance } from '#contracts';
import { callContext, person, until } from '#testing';
import { actionsOf, type Engine, openEngine, statusesOf, STEPS_HEAD, treeOf } from './engine.js';

let engine: Engine;
let reviewer: CallContext;
beforeAll(async () => {
  engine = await openEngine();
  await engine.start();
  reviewer = callContext({ team: engine.ctx.team, principal: person('reviewer'), roles: ['approver'] });
});
afterAll(() => engine.close());
afterEach(() => {
  Object.assign(engine.governance, { policy: () => 'allow', guarded: [] });
});

const SECRET = 'token=abcdef123456';
const WRITE = `  - { id: asked, uses: file.write@v1, with: { path: notes.txt, content: "${SECRET} stays" } }`;
const DELETE = `  - { id: asked, uses: file.delete@v1, with: { path: data/x } }`;
const SHELL = `  - id: asked
    uses: shell.run@v1
    with: { argv: [/bin/sh, -c, "echo one > out.txt"] }
    expect: { created: [out.txt] }`;

/** A run whose one step a person has to look at. */
const waiting = async (step: string) => {
  const folder = engine.folder({ 'data/x': 'x', 'data/y': 'y' });
  engine.governance.policy = ({ step: at }) => (at === 1 ? 'ask' : 'allow');
  const id = await engine.submit(`${STEPS_HEAD}steps:\n${step}\n`, folder);
  const paused = await engine.inStatus(id, 'paused');
  const approval = engine.governance.asked.find((one) => one.request.execution_id === id)!;
  return { id, folder, approval, action: actionsOf(paused)[0]! };
};
type Waiting = Awaited<ReturnType<typeof waiting>>;

/** As the gateway does it: the executor makes an action of it, and the yes goes to governance. */
const edit = async ({ approval, action }: Waiting, args: Record<string, unknown>, digest = action.digest!) => {
  const written = { id: approval.id, digest, arguments: args };
  const { request } = await engine.bus.call(reviewer, contract.action.edit, written);
  return engine.bus.call(reviewer, governance.approval.edit, { ...written, request, reason: 'narrower' });
};
const codeOf = (given: Promise<unknown>) =>
  given.then(
    () => 'taken',
    ({ code }: { code: string }) => code,
  );
const lastEdit = (): governance.EditApproval => engine.governance.edits.at(-1)!;

describe('an action that a reviewer has edited', () => {
  it('runs with exactly the edited arguments, under a digest of its own, and the record says whose they are', async () => {
    const asked = await waiting(DELETE);
    await edit(asked, { path: 'data/y' });
    const result = await engine.ended(asked.id);
    expect(result.status).toBe('succeeded');
    expect(treeOf(asked.folder)).toMatchObject({ 'data/x': '644 x' });
    expect(treeOf(asked.folder)).not.toHaveProperty(['data/y']);
    const [done] = actionsOf(result);
    const { digest } = lastEdit().request!;
    expect(done).toMatchObject({
      status: 'kept',
      digest,
      arguments: { path: 'data/y' },
      predicted: { expected: expect.arrayContaining([expect.stringContaining('data/y')]) },
      decided: {
        approval: 'approved',
        edited_by: reviewer.principal.name,
        approvers: [reviewer.principal.name],
        asked_digest: asked.action.digest,
      },
    });
    expect(digest).not.toBe(asked.action.digest);
    const frames = await engine.frames(asked.id);
    const approved = frames.find(({ kind }) => kind === 'action.approved')!.step!.actions[0]!;
    expect(approved).toMatchObject({
      arguments: { path: 'data/y' },
      digest,
      decided: { edited_by: expect.any(String) },
    });
    const proposed = frames.find(({ kind }) => kind === 'step.proposed')!.step!.actions[0]!;
    expect(proposed).toMatchObject({ arguments: { path: 'data/x' }, digest: asked.action.digest });
  });

  it('is put to people as itself: its paths, target, risk and what it would change', async () => {
    const asked = await waiting(DELETE);
    await edit(asked, { path: './data//y' });
    expect(lastEdit()).toMatchObject({
      digest: asked.action.digest,
      arguments: { path: './data//y' },
      request: {
        execution_id: asked.id,
        step: 1,
        tool: 'file.delete@v1',
        paths: ['data/y'],
        target: { kind: 'path', path: 'data/y' },
        preview: [{ path: 'data/y', change: 'deleted' }],
        risk: 0.3,
        task: 'of a test',
      },
    });
    await engine.ended(asked.id);
  });

  it('keeps what the reviewer could not see: a redacted text that was left alone is written whole', async () => {
    const asked = await waiting(WRITE);
    const shown = asked.action.arguments!;
    expect(JSON.stringify(shown)).not.toContain('abcdef123456');
    await edit(asked, { ...shown, path: 'other.txt' });
    expect((await engine.ended(asked.id)).status).toBe('succeeded');
    expect(treeOf(asked.folder)['other.txt']).toBe(`644 ${SECRET} stays`);
    expect(JSON.stringify(lastEdit())).not.toContain('abcdef123456');
  });

  it('is bound by what its author stated: other changes of an edited command are undone', async () => {
    const asked = await waiting(SHELL);
    await edit(asked, { argv: ['/bin/sh', '-c', 'echo two > elsewhere.txt'] });
    const result = await engine.ended(asked.id);
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'contract.deviated' } });
    expect(treeOf(asked.folder)).not.toHaveProperty(['elsewhere.txt']);
  });

  it('is guarded by what policy says beside the edited action, not beside the one that was asked for', async () => {
    const asked = await waiting(SHELL);
    engine.governance.guarded = ['out.txt'];
    await edit(asked, { argv: ['/bin/sh', '-c', 'echo two > out.txt'] });
    const result = await engine.ended(asked.id);
    expect(actionsOf(result)[0]).toMatchObject({ status: 'undone', decided: { guarded: ['out.txt'] } });
  });

  it('can be edited again from the edit', async () => {
    const asked = await waiting(DELETE);
    const { decide } = engine.governance;
    engine.governance.decide = async () => undefined;
    await edit(asked, { path: 'data/y' });
    const first = lastEdit().request!.digest;
    engine.governance.decide = decide;
    await edit(asked, { path: 'data', recursive: true }, first);
    expect((await engine.ended(asked.id)).status).toBe('succeeded');
    expect(Object.keys(treeOf(asked.folder))).toEqual([]);
  });

  it('does not run when its row is not what was approved', async () => {
    const asked = await waiting(DELETE);
    const { decide } = engine.governance;
    engine.governance.decide = async () => undefined;
    await edit(asked, { path: 'data/y' });
    engine.governance.decide = decide;
    await engine.asAdmin(
      `UPDATE executor.action_edit SET sealed_arguments =
         (SELECT sealed_arguments FROM executor.action WHERE execution_id = $1 AND step = 1) WHERE execution_id = $1`,
      [asked.id],
    );
    await engine.governance.decide(asked.approval, 'approved');
    const result = await engine.ended(asked.id);
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'contract.edited' } });
    expect(statusesOf(result)).toEqual(['denied']);
    expect(treeOf(asked.folder)).toMatchObject({ 'data/x': '644 x', 'data/y': '644 y' });
  });
});

describe('an edit is refused, and changes nothing,', () => {
  it.each<[string, string, Record<string, unknown>, string, string]>([
    ['that the tool does not take', DELETE, { path: 5 }, 'input.invalid', '/arguments/path'],
    [
      'with a field the tool does not know',
      DELETE,
      { path: 'data/y', force: true },
      'input.invalid',
      '/arguments/force',
    ],
    ['without what the tool needs', DELETE, {}, 'input.invalid', '/arguments/path'],
    [
      'that changes a text with a hidden part',
      WRITE,
      { path: 'notes.txt', content: 'token=[redacted:secret] goes' },
      'action.edit_unclear',
      '/arguments/content',
    ],
  ])('%s', async (_name, step, args, code, path) => {
    const asked = await waiting(step);
    const before = engine.governance.edits.length;
    await expect(edit(asked, args)).rejects.toMatchObject({
      code,
      details: { errors: expect.arrayContaining([expect.objectContaining({ path })]) },
    });
    expect(engine.governance.edits).toHaveLength(before);
    await engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: asked.id });
    await engine.ended(asked.id);
  });

  it('of a version that is not there, of a run itself, and of what its run no longer waits for', async () => {
    const asked = await waiting(DELETE);
    const other = asked.action.digest!.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(await codeOf(edit(asked, { path: 'data/y' }, other))).toBe('approval.not_editable');
    await engine.bus.call(engine.ctx, contract.execution.cancel, { execution_id: asked.id });
    await engine.ended(asked.id);
    expect(await codeOf(edit(asked, { path: 'data/y' }))).toBe('approval.not_editable');
    engine.governance.policy = ({ step }) => (step === 0 ? 'ask' : 'allow');
    const id = await engine.submit(`${STEPS_HEAD}steps:\n${DELETE}\n`, engine.folder({ 'data/x': 'x' }));
    const approval = await until('the run is asked about', () =>
      engine.governance.asked.find(({ request }) => request.execution_id === id),
    );
    const { digest } = approval.request;
    const run = { id: approval.id, digest, arguments: {} };
    expect(await engine.bus.call(reviewer, contract.action.edit, run)).toEqual({ request: null });
  });
});
