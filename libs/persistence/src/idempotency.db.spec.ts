import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallContext } from '#contracts';
import { uuidv7 } from '#kernel';
import { callContext, openTestSchemas, person, type TestSchemas, until } from '#testing';
import { Database } from './database.js';
import { earlierAnswer, once } from './idempotency.js';

class MakeThing {
  constructor(
    readonly name: string,
    readonly note?: string,
  ) {}
}
class MakeOther {
  constructor(readonly name: string) {}
}

let schemas: TestSchemas;
/** Two processes of one service. */
let here: Database;
let there: Database;
const open = () => Database.open({ service: 'prediction', url: schemas.urlOf('prediction'), entities: [] });
beforeAll(async () => {
  schemas = await openTestSchemas([{ name: 'prediction', migrations: [] }]);
  [here, there] = [await open(), await open()];
});
afterAll(async () => {
  await here.close();
  await there.close();
  await schemas.drop();
});

let ctx: CallContext;
let created: string[];
beforeEach(() => {
  ctx = callContext({ idempotency_key: 'a key' });
  created = [];
});

/** Its effect is a row of the inbox. */
const make = (
  body: object = new MakeThing('x'),
  { as = ctx, on = here, during = async () => undefined as unknown } = {},
): Promise<{ id: string }> =>
  on.inTeam(as, (tx) =>
    once(tx, as, body, async () => {
      const id = uuidv7();
      await tx.query(`INSERT INTO inbox (fact_id, team_id) VALUES ($1, $2)`, [id, as.team]);
      created.push(id);
      await during();
      return { id };
    }),
  );
const effects = async (as = ctx) => (await here.inTeam(as, (tx) => tx.query(`TABLE inbox`))).length as number;
const reused = { code: 'request.key_reused' };

describe('a creating request with a key', () => {
  it('that is repeated gets the first answer and creates nothing', async () => {
    const first = await make();
    expect(await make()).toEqual(first);
    expect(await make(new MakeThing('x'), { on: there })).toEqual(first);
    expect([created.length, await effects()]).toEqual([1, 1]);
  });

  it('that is repeated gets the first answer to the byte', async () => {
    const answer = () =>
      here.inTeam(ctx, (tx) => once(tx, ctx, new MakeThing('x'), async () => ({ name: 'x', id: 1 })));
    const first = JSON.stringify(await answer());
    expect(JSON.stringify(await answer())).toBe(first);
  });

  it('is the same when its fields come in another order, or absent ones are spelled out', async () => {
    const first = await make(Object.assign(new MakeThing('x'), { a: 1, b: 2 }));
    expect(await make(Object.assign(new MakeThing('x', undefined), { b: 2, a: 1 }))).toEqual(first);
  });

  it('and another body is refused, and changes nothing', async () => {
    const first = await make();
    await expect(make(new MakeThing('y'))).rejects.toMatchObject(reused);
    await expect(make(new MakeThing('x', ''))).rejects.toMatchObject(reused);
    expect(await make()).toEqual(first);
    expect(await effects()).toBe(1);
  });

  it('and the same body for another question is refused', async () => {
    await make();
    await expect(make(new MakeOther('x'))).rejects.toMatchObject(reused);
    expect(await effects()).toBe(1);
  });

  it('of another person of the team is refused: the answer is not theirs', async () => {
    await make();
    await expect(make(new MakeThing('x'), { as: { ...ctx, principal: person() } })).rejects.toMatchObject(reused);
  });

  it('of another team is another request', async () => {
    const theirs = callContext({ idempotency_key: ctx.idempotency_key, principal: ctx.principal });
    const [ours, other] = [await make(), await make(new MakeThing('y'), { as: theirs })];
    expect(other).not.toEqual(ours);
    expect([await effects(), await effects(theirs)]).toEqual([1, 1]);
  });

  it('without a key creates every time', async () => {
    const as = callContext();
    await make(new MakeThing('x'), { as });
    await make(new MakeThing('x'), { as });
    expect(await effects(as)).toBe(2);
  });

  it('that failed leaves nothing: it may be repeated, and with another body', async () => {
    const during = async () => {
      throw new Error('half-way');
    };
    await expect(make(new MakeThing('x'), { during })).rejects.toThrow('half-way');
    expect(await effects()).toBe(0);
    await make(new MakeThing('y'));
    expect(await effects()).toBe(1);
  });

  it('keeps its answer over a restart', async () => {
    const before = await open();
    const first = await make(new MakeThing('x'), { on: before });
    await before.close();
    expect(await make()).toEqual(first);
  });

  it('is known before the world is asked again', async () => {
    const known = (body: object) => here.inTeam(ctx, (tx) => earlierAnswer(tx, ctx, body));
    expect(await known(new MakeThing('x'))).toBeNull();
    const first = await make();
    expect(await known(new MakeThing('x'))).toEqual(first);
    await expect(known(new MakeThing('y'))).rejects.toMatchObject(reused);
    expect(await here.inTeam(ctx, (tx) => earlierAnswer(tx, callContext({ team: ctx.team }), {}))).toBeNull();
  });
});

describe('concurrent twins', () => {
  it('from two processes have one effect and one answer', async () => {
    const twins = Array.from({ length: 8 }, (_, i) => make(new MakeThing('x'), { on: i % 2 ? here : there }));
    const answers = await Promise.all(twins);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await effects()).toBe(1);
  });

  it('the second waits for the first, and creates when the first fails', async () => {
    let fail = (): void => undefined;
    const held = new Promise<void>((_, reject) => (fail = () => reject(new Error('half-way'))));
    const first = make(new MakeThing('x'), { during: () => held });
    await until('the first creates', () => created.length === 1);
    const second = make(new MakeThing('x'), { on: there });
    await until('the second waits', () => waiting());
    expect(created).toHaveLength(1);
    fail();
    await expect(first).rejects.toThrow('half-way');
    expect((await second).id).toBe(created[1]);
    expect(await effects()).toBe(1);
  });

  const waiting = async () => {
    const [{ n }] = await here.acrossTeams('who waits', (tx) =>
      tx.query(`SELECT count(*)::integer AS n FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`),
    );
    return n > 0;
  };
});
