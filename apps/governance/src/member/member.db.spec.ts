import { uuidv7 } from '#kernel';
import { callContext, openTestDatabase, type TestDatabase } from '#testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { governance } from '../definition.js';
import { MemberRepository } from './member.repository.js';

describe('what is known of members', () => {
  let test: TestDatabase;
  const members = new MemberRepository();
  const ctx = callContext();
  const known = (user: string, team = ctx.team) => test.database.inTeam({ team }, (tx) => members.known(tx, [user]));
  const apply = (version: number, user_id: string, change: object = {}) =>
    test.database.inTeam(ctx, (tx) =>
      members.apply(tx, ctx.team, version, {
        user_id,
        email: 'a@example.org',
        role: 'approver',
        active: true,
        ...change,
      }),
    );
  beforeAll(async () => {
    test = await openTestDatabase(governance as never);
  });
  afterAll(() => test.close());

  it('a fact that comes late or twice overwrites nothing newer', async () => {
    const user = uuidv7();
    await apply(3, user, { role: null });
    await apply(1, user);
    await apply(3, user, { active: false });
    expect(await known(user)).toMatchObject([{ role: null, active: true, version: 3 }]);
    await apply(4, user, { role: 'admin', email: 'b@example.org' });
    expect(await known(user)).toMatchObject([{ role: 'admin', email: 'b@example.org', version: 4 }]);
  });

  it('is a matter of one team', async () => {
    const user = uuidv7();
    await apply(1, user);
    expect(await known(user)).toHaveLength(1);
    expect(await known(user, uuidv7())).toEqual([]);
  });
});
