import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel';
import { callContext } from '#testing';
import { openRows, type Rows } from '../../test/rows.js';
import { Hold } from '../hold/hold.entity.js';
import { HoldService } from '../hold/hold.service.js';
import { Action } from './action.entity.js';
import { ActionRepository } from './action.repository.js';
import type { ActionStatus } from './action.rules.js';

let rows: Rows;
beforeAll(async () => {
  rows = await openRows();
});
afterAll(() => rows.close());

const ctx = callContext();
const actions = new ActionRepository();
const holds = new HoldService({} as never);

const actionIn = (status: ActionStatus): Promise<Action> => {
  const action: Action = Object.assign(new Action(), {
    execution_id: uuidv7(),
    step: 1,
    index: 0,
    team_id: ctx.team,
    status,
    tool: 'file.list@v1',
    digest: null,
    arguments: {},
    sealed_arguments: Buffer.alloc(0),
    sealed_output: null,
    contract: null,
    attempts: 0,
    approval_id: null,
    predicted: null,
    decided: null,
    input: null,
    done: null,
    verified: null,
    undone: null,
    failure: null,
  });
  return rows.database.inTeam(ctx, async (tx) => {
    await actions.insert(tx, [action]);
    return action;
  });
};
const move = (action: Action, to: ActionStatus) =>
  rows.database.inTeam(ctx, (tx) => actions.move(tx, action, to, { attempts: action.attempts + 1 }));
const found = (action: Action) =>
  rows.database.inTeam(ctx, (tx) => actions.ofExecution(tx, action.execution_id)).then(([row]) => row!);

describe('an action', () => {
  it('moves along its table, and is returned as its row is then', async () => {
    const action = await actionIn('authorised');
    const started = await move(action, 'started');
    expect(started).toMatchObject({ status: 'started', attempts: 1 });
    expect(await found(action)).toEqual(started);
  });

  it.each<[ActionStatus, ActionStatus]>([
    ['proposed', 'kept'],
    ['denied', 'authorised'],
    ['kept', 'started'],
  ])('that is %s cannot become %s, and its row stays', async (from, to) => {
    const action = await actionIn(from);
    await expect(move(action, to)).rejects.toMatchObject({ code: 'action.moved_on' });
    expect(await found(action)).toEqual(action);
  });

  it('whose row has moved on is not moved by whoever read it before', async () => {
    const action = await actionIn('awaiting_approval');
    await move(action, 'denied');
    await expect(move(action, 'authorised')).rejects.toMatchObject({ code: 'action.moved_on' });
    expect((await found(action)).status).toBe('denied');
  });
});

describe('a hold', () => {
  it('is moved once by many that race for it, and keeps what the first one left', async () => {
    const action = await actionIn('started');
    const taken = { manifest: {} as never, stored: 'sha256:before' };
    const hold = await rows.database.inTeam(ctx, async (tx) => {
      await holds.create(tx, action, taken);
      return holds.of(tx, action);
    });
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) =>
        rows.database.inTeam(ctx, (tx) => holds.move(tx, hold, 'kept', `left ${n}`)),
      ),
    );
    const won = results.findIndex(({ status }) => status === 'fulfilled');
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }) => reason.code)).toEqual(Array(9).fill('hold.moved_on'));
    const [row] = await rows.database.inTeam(ctx, (tx) => tx.findBy(Hold, { id: hold.id }));
    expect(row).toMatchObject({ status: 'kept', before_manifest: 'sha256:before', left_manifest: `left ${won}` });
  });
});
