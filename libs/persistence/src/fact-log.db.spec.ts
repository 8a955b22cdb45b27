import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CallContext, fact, fields } from '#contracts';
import { uuidv7 } from '#kernel';
import { callContext, openTestDatabase, type TestDatabase } from '#testing';
import { FactLog, FactSignal } from './fact-log.js';

let test: TestDatabase;
let ctx: CallContext;
let woken: number;
class Told {
  @fields.Text({ optional: true, max: 1_000_000 }) reason?: string;
}
const requested = fact('governance.thing.requested.v1', Told);
const decided = fact('governance.thing.decided.v1', Told);
const finished = fact('governance.thing.finished.v1', Told);
const signal = new FactSignal();
const log = new FactLog(signal);
beforeAll(async () => {
  test = await openTestDatabase({ name: 'governance', migrations: [], entities: [] });
  signal.listen(() => (woken += 1));
});
afterAll(() => test.close());
beforeEach(() => {
  ctx = callContext({ idempotency_key: 'k' });
  woken = 0;
});

const append = (aggregate_id: string, version: number, told = decided, body: Told = {}) =>
  test.database.inTeam(ctx, (tx) => log.append(tx, ctx, told, { aggregate_id, version, body }));
const row = async (id: string) =>
  (await test.database.inTeam(ctx, (tx) => tx.query(`SELECT * FROM fact WHERE id = $1`, [id])))[0];

describe('a fact', () => {
  it('names the last one of every type that its aggregate had before', async () => {
    const aggregate = uuidv7();
    const ids = [];
    for (const [i, type] of [requested, decided, decided, finished].entries()) {
      ids.push(await append(aggregate, i + 1, type));
    }
    await append(uuidv7(), 1);
    const previous = await Promise.all(ids.map(async (id) => (await row(id)).previous));
    expect(previous).toEqual([
      {},
      { [requested.subject]: ids[0] },
      { [requested.subject]: ids[0], [decided.subject]: ids[1] },
      { [requested.subject]: ids[0], [decided.subject]: ids[2] },
    ]);
  });

  it('names none that is no longer kept', async () => {
    const aggregate = uuidv7();
    await append(aggregate, 1, requested);
    const second = await append(aggregate, 2);
    await test.database.inTeam(ctx, (tx) => tx.query(`DELETE FROM fact WHERE version = 1`));
    const third = await append(aggregate, 3);
    expect((await row(third)).previous).toEqual({ [decided.subject]: second });
  });

  it('carries who did it, but neither their roles of that day nor the key of their request', async () => {
    const { context } = await row(await append(uuidv7(), 1));
    expect(context).toEqual({ team: ctx.team, principal: ctx.principal, on_behalf_of: ctx.on_behalf_of, roles: [] });
  });

  it('takes a version of its aggregate once', async () => {
    const aggregate = uuidv7();
    await append(aggregate, 1);
    await expect(append(aggregate, 1)).rejects.toThrow('fact_aggregate_id_version_key');
  });

  it('too large for the bus is refused before it could stop the relay', async () => {
    const large = append(uuidv7(), 1, decided, { reason: 'é'.repeat(300_000) });
    await expect(large).rejects.toMatchObject({ code: 'fact.too_large' });
  });

  it('that no consumer could read is not written', async () => {
    const unreadable = append(uuidv7(), 1, decided, { reason: 1 } as never);
    await expect(unreadable).rejects.toMatchObject({ code: 'input.invalid' });
  });

  it('wakes the relay once it is committed, and not when it is rolled back', async () => {
    await append(uuidv7(), 1);
    expect(woken).toBe(1);
    const rolledBack = test.database.inTeam(ctx, async (tx) => {
      await log.append(tx, ctx, decided, { aggregate_id: uuidv7(), version: 1, body: {} });
      expect(woken).toBe(1);
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    expect(woken).toBe(1);
  });
});
