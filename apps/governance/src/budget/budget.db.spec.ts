import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallContext, governance } from '#contracts';
import { uuidv7 } from '#kernel';
import { callContext, person } from '#testing';
import { type House, openHouse } from '../../test/fixture.js';
import { BudgetRepository } from './budget.repository.js';
import { BudgetService } from './budget.service.js';
import { ReservationWorker } from './reservation.worker.js';

let house: House;
let budgets: BudgetService;
let admin: CallContext;
let execution_id: string;

beforeAll(async () => {
  house = await openHouse();
  budgets = new BudgetService(house.database, new BudgetRepository(), house.facts);
});
afterAll(() => house.close());
beforeEach(() => {
  admin = callContext({ team: uuidv7(), principal: person('admin'), roles: ['admin'] });
  execution_id = uuidv7();
});

const put = (input: Partial<governance.PutBudget>): Promise<governance.BudgetView> =>
  budgets.put(admin, { scope: 'team', dimension: 'steps', ...input });
const reserve = (
  key: string,
  amounts: governance.BudgetAmounts = { steps: 1 },
  more: Partial<governance.ReserveBudget> = {},
): Promise<governance.BudgetReservation> =>
  budgets.reserve(admin, { key, execution_id, agent_id: 'tidy', amounts, ...more });
const only = async (): Promise<governance.BudgetView> => (await budgets.list(admin, {})).items[0]!;
const reached = async (id: string): Promise<string[]> =>
  (await house.factsOf(admin, id))
    .filter(({ type }) => type.endsWith('reached.v1'))
    .map(({ body }) => (body as never as governance.BudgetReached).limit);

describe('reserving', () => {
  it('sixty-four at once never take more than there is, and each of them is told so', async () => {
    const { id } = await put({ hard: 20 });
    await put({ scope: 'agent', target: 'tidy', hard: 30 });
    await put({ dimension: 'tokens', hard: 1_000 });
    const all = await Promise.all(Array.from({ length: 64 }, (_, n) => reserve(`k${n}`, { steps: 1, tokens: 10 })));
    expect(all.filter(({ granted }) => granted)).toHaveLength(20);
    for (const refused of all.filter(({ granted }) => !granted)) {
      expect(refused).toMatchObject({ amounts: {}, exhausted: 'The hard limit of the team, 20 steps, is reached.' });
    }
    const items = (await budgets.list(admin, {})).items;
    expect(items.map(({ reserved }) => reserved)).toEqual([200, 20, 20]);
    expect(await reached(id)).toEqual(['hard']);
  });

  it('and settling at once, with some keys twice, adds up', async () => {
    await put({ hard: 40, dimension: 'tokens' });
    await Promise.all(
      Array.from({ length: 64 }, async (_, n) => {
        const key = `k${n % 48}`;
        const { granted } = await reserve(key, { tokens: 10 });
        if (granted) await budgets.settle(admin, { items: [{ key, used: { tokens: 1 } }] });
      }),
    );
    const { used, reserved } = await only();
    expect(reserved).toBe(0);
    expect(used).toBeGreaterThan(3);
    expect(used).toBeLessThanOrEqual(40);
    const [{ n }] = await house.database.inTeam(admin, (tx) =>
      tx.query(`SELECT count(*)::integer AS n FROM reservation`),
    );
    expect(used).toBe(n);
  });

  it('the same key twice is one reservation, also after it was settled', async () => {
    await put({ hard: 1 });
    expect((await reserve('a')).granted).toBe(true);
    expect((await reserve('a')).granted).toBe(true);
    expect(await only()).toMatchObject({ reserved: 1, used: 0 });
    expect(await budgets.settle(admin, { items: [{ key: 'a', used: { steps: 1 } }] })).toEqual({ settled: 1 });
    expect(await budgets.settle(admin, { items: [{ key: 'a', used: { steps: 1 } }] })).toEqual({ settled: 0 });
    expect((await reserve('a')).granted).toBe(true);
    expect(await only()).toMatchObject({ reserved: 0, used: 1 });
    expect((await reserve('b')).granted).toBe(false);
  });

  it('counts for the run, its agent and the team, and for nobody else', async () => {
    for (const target of ['tidy', 'other']) await put({ scope: 'agent', target, hard: 5 });
    await put({ scope: 'execution', target: execution_id, hard: 5 });
    await put({ scope: 'execution', target: uuidv7(), hard: 5 });
    const { limited } = await reserve('a');
    expect(limited).toEqual(['steps']);
    const spent = (await budgets.list(admin, {})).items.filter(({ reserved }) => reserved === 1);
    expect(spent.map(({ target }) => target).sort()).toEqual(['tidy', execution_id].sort());
    const stranger = callContext({ roles: ['admin'] });
    expect((await budgets.list(stranger, {})).items).toEqual([]);
  });

  it('gives what is left where less will do', async () => {
    await put({ dimension: 'wall_ms', hard: 70_000 });
    const least = { wall_ms: 1 };
    expect((await reserve('a', { wall_ms: 60_000 }, { least })).amounts).toEqual({ wall_ms: 60_000 });
    expect((await reserve('b', { wall_ms: 60_000 }, { least })).amounts).toEqual({ wall_ms: 10_000 });
    expect((await reserve('c', { wall_ms: 60_000 }, { least })).granted).toBe(false);
    await budgets.settle(admin, { items: [{ key: 'a', used: { wall_ms: 500 } }] });
    expect((await reserve('c', { wall_ms: 60_000 }, { least })).amounts).toEqual({ wall_ms: 59_500 });
  });

  it('goes beyond the limit for a run that a person let', async () => {
    await put({ hard: 0 });
    expect((await reserve('a')).granted).toBe(false);
    expect((await reserve('a', { steps: 1 }, { over: true })).granted).toBe(true);
    expect(await only()).toMatchObject({ reserved: 1, hard: 0 });
  });

  it('tells of a soft limit once, by a fact and to whoever passes it', async () => {
    const { id } = await put({ soft: 1, hard: 9 });
    expect((await reserve('a')).warnings).toEqual([]);
    expect((await reserve('b')).warnings).toEqual(['The soft limit of the team, 1 steps, is reached.']);
    expect((await reserve('c')).warnings).toEqual([]);
    expect(await reached(id)).toEqual(['soft']);
  });
});

describe('a limit', () => {
  it('that is raised lets go on, keeps what was spent and is told', async () => {
    const { id } = await put({ hard: 1 });
    await reserve('a');
    expect((await reserve('b')).granted).toBe(false);
    expect(await put({ hard: 2 })).toMatchObject({ id, hard: 2, reserved: 1 });
    expect((await reserve('b')).granted).toBe(true);
    const types = (await house.factsOf(admin, id)).map(({ type, version }) => [version, type.split('.')[2]]);
    expect(types).toEqual([
      [1, 'changed'],
      [2, 'reached'],
      [3, 'changed'],
    ]);
  });

  it('of a day begins anew with the next; what was reserved yesterday is settled there', async () => {
    const { resets_at } = await put({ hard: 2, period: 'day' });
    expect(Date.parse(resets_at!)).toBeGreaterThan(Date.now());
    await reserve('a');
    await reserve('b');
    expect((await reserve('c')).granted).toBe(false);
    await house.database.inTeam(admin, (tx) =>
      tx.query(
        `UPDATE budget SET period_from = period_from - interval '1 day';
        UPDATE reservation SET shares = jsonb_set(shares, '{0,period_from}', to_jsonb((shares->0->>'period_from')::float8 - 86400000))` as never,
      ),
    );
    expect(await only()).toMatchObject({ used: 0, reserved: 0, resets_at });
    expect((await reserve('c')).granted).toBe(true);
    await budgets.settle(admin, { items: [{ key: 'a', used: { steps: 1 } }] });
    expect(await only()).toMatchObject({ used: 0, reserved: 1 });
  });

  it('that is taken away limits nothing and is in no list, and counts on for the next one', async () => {
    const { id } = await put({ soft: 1, hard: 1 });
    await put({ dimension: 'tokens', soft: 9 });
    await reserve('a');
    expect((await reserve('b')).granted).toBe(false);
    expect(await put({})).toMatchObject({ id, soft: null, hard: null });
    expect((await reserve('b')).granted).toBe(true);
    expect((await budgets.list(admin, {})).items.map(({ dimension }) => dimension)).toEqual(['tokens']);
    expect(await put({ hard: 2 })).toMatchObject({ id, reserved: 2 });
    expect((await reserve('c')).granted).toBe(false);
  });
});

const finish = (): Promise<void> => {
  const heard = { team: admin.team, at: new Date().toISOString(), body: { execution_id, agent_id: 'tidy' } };
  return house.database.inTeam(admin, (tx) => house.consumers.executionFinished(heard as never, tx));
};
const age = (key: string, interval: string): Promise<unknown> =>
  house.database.inTeam(admin, (tx) =>
    tx.query(`UPDATE reservation SET at = at - $2::interval WHERE key = $1`, [key, interval]),
  );
const keys = async (): Promise<string[]> => {
  const rows: { key: string }[] = await house.database.inTeam(admin, (tx) =>
    tx.query(`SELECT key FROM reservation ORDER BY key`),
  );
  return rows.map(({ key }) => key);
};

describe('of a run that ended', () => {
  it('what was left reserved is spent in full', async () => {
    await put({ hard: 9 });
    await reserve('settled', { steps: 3 });
    await reserve('left', { steps: 2 });
    await budgets.settle(admin, { items: [{ key: 'settled', used: { steps: 1 } }] });
    for (let n = 0; n < 2; n += 1) await finish();
    expect(await only()).toMatchObject({ used: 3, reserved: 0 });
  });

  it('what is reserved after its end does not stay so; of a run that goes on, it does', async () => {
    await put({ hard: 9 });
    await reserve('in time');
    await finish();
    await reserve('too late', { steps: 2 });
    const other = uuidv7();
    await reserve('of another run', { steps: 3 }, { execution_id: other });
    const worker = new ReservationWorker(house.database, new BudgetRepository());
    await worker.sweep();
    expect(await only()).toMatchObject({ used: 1, reserved: 5 });
    for (const key of ['too late', 'of another run']) await age(key, '2 minutes');
    await worker.sweep();
    expect(await only()).toMatchObject({ used: 3, reserved: 3 });
  });

  it('what was settled is forgotten after a month, and nothing that is open', async () => {
    await put({ hard: 9 });
    for (const key of ['new', 'old', 'open']) await reserve(key);
    await budgets.settle(admin, { items: ['new', 'old'].map((key) => ({ key, used: { steps: 1 } })) });
    for (const key of ['old', 'open']) await age(key, '31 days');
    await new ReservationWorker(house.database, new BudgetRepository()).sweep();
    expect(await keys()).toEqual(['new', 'open']);
    expect(await only()).toMatchObject({ used: 2, reserved: 1 });
  });
});
