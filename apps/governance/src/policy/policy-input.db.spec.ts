import { callContext, openTestDatabase } from '#testing';
import { describe, expect, it } from '@jest/globals';
import { governance as definition } from '../definition.js';
import { PolicyInputRepository } from './policy-input.repository.js';

describe('recorded inputs', () => {
  it('are the newest of a team, and not more than are replayed', async () => {
    const test = await openTestDatabase(definition as never);
    const inputs = new PolicyInputRepository();
    const ctx = callContext();
    await test.database.inTeam(ctx, async (tx) => {
      await tx.query(
        `INSERT INTO policy_input (team_id, execution_id, step, index, request, inexact, decision, determining_policies, policy_epoch)
         SELECT $1, gen_random_uuid(), n, 0, '{}', false, 'allow', '[]', 1 FROM generate_series(1, 10300) AS n`,
        [ctx.team],
      );
      await inputs.trim(tx, ctx.team);
    });
    const kept = await test.database.inTeam(ctx, (tx) => inputs.newest(tx));
    expect(kept).toHaveLength(10_000);
    expect([kept[0]!.step, kept.at(-1)!.step]).toEqual([10_300, 301]);
    await test.close();
  });
});
