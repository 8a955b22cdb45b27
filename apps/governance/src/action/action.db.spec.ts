import { uuidv7 } from '#kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deletion, type House, openHouse, runContext } from '../../test/fixture.js';

describe('the gate', () => {
  let house: House;
  const ctx = runContext(uuidv7());
  beforeAll(async () => {
    house = await openHouse();
  });
  afterAll(() => house.close());

  const rows = (executionId: string) =>
    house.database.inTeam(ctx, (tx) => tx.query(`SELECT * FROM approval WHERE execution_id = $1`, [executionId]));

  it.each([
    ['a listing', { tool: 'file.list@v1', effects: 'none', paths: ['.'] }],
    ['a read', { tool: 'file.read@v1', effects: 'none', paths: ['logs/app.log'] }],
    ['a delete of a cache', { paths: ['src/.cache'] }],
    ['a delete of build output', { paths: ['dist'] }],
    ['a command in the sandbox', { tool: 'shell.run@v1', paths: ['.'] }],
    ['a report', { tool: 'file.write@v1', paths: ['TIDY-REPORT.md'] }],
    [
      'a playbook run',
      { tool: 'execution.submit@v1', step: 0, effects: 'none', paths: [], arguments: { driver: 'playbook' } },
    ],
  ] as const)('%s passes and writes nothing', async (_name, changed) => {
    const action = deletion({ ...changed, paths: [...changed.paths] });
    const answer = await house.actions.decide(ctx, action);
    expect(answer).toMatchObject({ decision: 'allow', tier_needed: 1, approval_id: null, expires_at: null });
    expect(await rows(action.execution_id)).toEqual([]);
  });

  it.each([
    ['a path outside', { paths: ['../other'] }],
    ['a tool nobody knows', { tool: 'rocket.launch@v1' }],
    ['a workspace nobody registered', { workspace: { id: '/tmp', registered: false } }],
  ])('%s is denied and writes nothing', async (_name, changed) => {
    const action = deletion(changed);
    const answer = await house.actions.decide(ctx, action);
    expect(answer).toMatchObject({ decision: 'deny', tier_needed: null, approval_id: null });
    expect(answer.reasons.length).toBeGreaterThan(0);
    expect(await rows(action.execution_id)).toEqual([]);
  });

  it('a delete below data/ asks: one row, one fact, and a deadline on the clock of the database', async () => {
    const action = deletion();
    const answer = await house.actions.decide(ctx, action);
    expect(answer).toMatchObject({ decision: 'ask', tier_needed: 2, determining_policies: ['change-protected-files'] });
    const [row] = await rows(action.execution_id);
    expect(row).toMatchObject({ id: answer.approval_id, status: 'pending', approvers_needed: 1, request: action });
    expect(row.expires_at - row.requested_at).toBe(900_000);
    expect(row.expires_at.toISOString()).toBe(answer.expires_at);
    expect(await house.factsOf(ctx, row.id)).toMatchObject([
      {
        type: 'governance.approval.requested.v1',
        version: 1,
        body: { approval_id: row.id, tool: 'file.delete@v1', digest: action.digest, expires_at: answer.expires_at },
      },
    ]);
  });

  it('asked again, even at another risk, gives the first answer', async () => {
    const action = deletion();
    const first = await house.actions.decide(ctx, action);
    expect(await house.actions.decide(ctx, { ...action, risk: null })).toEqual(first);
    expect(await house.factsOf(ctx, first.approval_id!)).toHaveLength(1);
  });

  it('what people are to see besides changes nothing about the decision', async () => {
    const [plain, shown] = [deletion(), deletion()];
    const preview = [{ path: 'x', change: 'deleted' as const, before: null, after: null, diff: '-a', note: 'n' }];
    const { approval_id: _plain, expires_at: _at, ...first } = await house.actions.decide(ctx, plain);
    const answer = await house.actions.decide(ctx, { ...shown, preview, task: 'Tidy.' });
    expect(answer).toMatchObject({ ...first, input_digest: first.input_digest });
    expect((await rows(shown.execution_id))[0]).toMatchObject({ digest: plain.digest, request: { preview } });
  });

  it('asked twenty times at once gives one row', async () => {
    const action = deletion();
    const answers = await Promise.all(Array.from({ length: 20 }, () => house.actions.decide(ctx, action)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await rows(action.execution_id)).toHaveLength(1);
    expect(await house.factsOf(ctx, answers[0]!.approval_id!)).toHaveLength(1);
  });

  it('another action under the same key is denied and leaves the row as it is', async () => {
    const action = deletion();
    const first = await house.actions.decide(ctx, action);
    const before = await rows(action.execution_id);
    const other = deletion({ execution_id: action.execution_id, paths: ['data/orders.db'] });
    expect(await house.actions.decide(ctx, other)).toMatchObject({
      decision: 'deny',
      approval_id: null,
      reasons: ['The action is not the one that was put to people.'],
    });
    expect(await rows(action.execution_id)).toEqual(before);
    expect(await house.factsOf(ctx, first.approval_id!)).toHaveLength(1);
  });
});
