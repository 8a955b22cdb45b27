import { callContext, openTestDatabase, type TestDatabase } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from './idempotency.js';

describe('rows of two teams in one table', () => {
  let test: TestDatabase;
  const [ours, theirs] = [callContext(), callContext()];

  beforeAll(async () => {
    test = await openTestDatabase({ name: 'prediction', migrations: [], entities: [] });
    for (const ctx of [ours, theirs]) {
      await test.database.inTeam(ctx, (tx) =>
        once(tx, { ...ctx, idempotency_key: 'k' }, { a: 1 }, async () => ({ made_by: ctx.team })),
      );
    }
  });
  afterAll(() => test.close());

  it('a query that forgets its WHERE sees one team', async () => {
    const rows = await test.database.inTeam(ours, (tx) => tx.query('SELECT team_id FROM request'));
    expect(rows).toEqual([{ team_id: ours.team }]);
  });

  it('acrossTeams sees both', async () => {
    const rows = await test.database.acrossTeams('count', (tx) => tx.query('SELECT team_id FROM request'));
    expect(rows).toHaveLength(2);
  });

  it('a row of another team cannot be written', async () => {
    const write = test.database.inTeam(ours, (tx) =>
      tx.query(`INSERT INTO request (team_id, key, body_digest) VALUES ($1, 'x', 'y')`, [theirs.team]),
    );
    await expect(write).rejects.toThrow('row-level security');
  });

  it('the same key with another body is refused, with the same body it answers again', async () => {
    const again = (body: object) =>
      test.database.inTeam(ours, (tx) =>
        once(tx, { ...ours, idempotency_key: 'k' }, body, async () => ({ made_by: 'somebody else' })),
      );
    await expect(again({ a: 1 })).resolves.toEqual({ made_by: ours.team });
    await expect(again({ a: 2 })).rejects.toMatchObject({ code: 'request.key_reused' });
  });
});
