import { uuidv7 } from '#kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Desk, type House, openDesk, openHouse } from '../../test/fixture.js';

let house: House;
let desk: Desk;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const cards = async (filter: object = {}) =>
  (await house.reader.list(desk.bob, { group: 'digest', status: 'pending', ...filter })).items;

describe('identical actions that wait at once', () => {
  it('are one card that names the others, and one row for each action key', async () => {
    desk = openDesk(house);
    const same = [await desk.ask(), await desk.ask(), await desk.ask()].map(({ id }) => id);
    const other = await desk.ask({ paths: ['data/orders.db'] });
    expect((await cards()).map(({ id, same_as }) => [id, same_as])).toEqual([
      [other.id, []],
      [same[0], same.slice(1)],
    ]);
    const { items } = await house.reader.list(desk.bob, {});
    expect(items).toHaveLength(4);
    expect((await house.reader.get(desk.bob, same[1]!)).same_as).toEqual([same[0], same[2]]);
  });

  it('are answered and claimed each by itself', async () => {
    desk = openDesk(house);
    const same = [await desk.ask(), await desk.ask(), await desk.ask()];
    await desk.approve(desk.ada, same[0]!.id);
    expect((await cards()).map(({ id, same_as }) => [id, same_as])).toEqual([[same[1]!.id, [same[2]!.id]]]);
    await desk.reject(desk.ada, same[1]!.id, 'no');
    expect((await cards()).map(({ id, same_as }) => [id, same_as])).toEqual([[same[2]!.id, []]]);
    expect(await desk.claim(same[0]!.id, same[0]!.action)).toMatchObject({ approvers: [desk.ada.principal] });
    await expect(desk.claim(same[0]!.id, same[2]!.action)).rejects.toMatchObject({ code: 'approval.claimed' });
    await expect(desk.claim(same[2]!.id, same[2]!.action)).rejects.toMatchObject({ code: 'approval.pending' });
  });

  it('part once one of them is edited, and of another team nothing is said', async () => {
    desk = openDesk(house);
    const [one, two] = [await desk.ask(), await desk.ask()];
    const elsewhere = openDesk(house);
    await elsewhere.ask();
    const { action } = await desk.ask({ paths: ['data/orders.db'] });
    const request = { ...action, execution_id: two.action.execution_id, step: two.action.step };
    await house.approvals.edit(desk.ada, { id: two.id, digest: two.action.digest, arguments: {}, request });
    expect((await cards()).map(({ id, same_as }) => [id, same_as])).toContainEqual([one.id, []]);
  });

  it('are cards of their own run, and pages of cards have no card twice', async () => {
    desk = openDesk(house);
    const execution_id = uuidv7();
    await desk.ask({ execution_id });
    for (const n of [1, 2, 3]) {
      await desk.ask({ paths: [`data/${n}`] });
      await desk.ask({ paths: [`data/${n}`] });
    }
    const first = await house.reader.list(desk.bob, { group: 'digest', limit: 2 });
    const second = await house.reader.list(desk.bob, { group: 'digest', limit: 2, cursor: first.next_cursor! });
    const digests = [...first.items, ...second.items].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(4);
    expect(second.next_cursor).toBeNull();
  });
});
