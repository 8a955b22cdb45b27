import { uuidv7 } from '#kernel';
import { openTestDatabase } from '#testing';
import { expect, it } from '@jest/globals';
import pg from 'pg';
import { BypassSubject1763600007000 } from '../../migrations/0007-bypass-subject.js';
import { approver, deletion, runContext } from '../../test/asked.js';
import { governance as definition } from '../definition.js';

it('ends every bypass that was given before it was bound, and finds what was asked before', async () => {
  const migrations = (definition.migrations as unknown[]).filter((one) => one !== BypassSubject1763600007000);
  const test = await openTestDatabase({ ...definition, migrations } as never);
  const owner = new pg.Client({ connectionString: test.adminUrl });
  await owner.connect();
  try {
    const run = runContext(uuidv7());
    const ada = approver(run.team);
    await test.database.inTeam(run, async (tx) => {
      const given = `INSERT INTO bypass (id, team_id, agent_id, tool, reason, uses, given_by, given_at, expires_at, revoked_at)
         VALUES ($1, $2, 'tidy', 'file.delete@v1', 'old', 20, $3, now(), now() + interval '1 hour', $4)`;
      await tx.query(given, [uuidv7(), run.team, ada.principal, null]);
      await tx.query(given, [uuidv7(), run.team, ada.principal, new Date(0)]);
      await tx.query(
        `INSERT INTO approval (id, team_id, execution_id, step, index, digest, asked_digest, request, tier_needed, approvers_needed,
           determining_policies, policy_epoch, input_digest, reasons, requested_by, on_behalf_of, status, requested_at, expires_at)
         VALUES ($1, $2, $1, 1, 0, 'd', 'd', $3, 2, 1, '[]', 1, 'd', '[]', $4, $4, 'pending', now(), now())`,
        [uuidv7(), run.team, deletion(), run.principal],
      );
    });
    await owner.query(`SET ROLE governance_owner; SET search_path = governance`);
    await new BypassSubject1763600007000().up(owner as never);
    await test.database.inTeam(run, async (tx) => {
      const [both] = await tx.query(`SELECT count(*)::int AS rows, count(revoked_at)::int AS ended FROM bypass`);
      expect(both).toEqual({ rows: 2, ended: 2 });
      const [before] = await tx.query(`SELECT count(*)::int AS kept FROM bypass WHERE revoked_at = to_timestamp(0)`);
      expect(before).toEqual({ kept: 1 });
      expect(await tx.query(`SELECT agent_id, tool FROM approval`)).toEqual([
        { agent_id: 'tidy', tool: 'file.delete@v1' },
      ]);
      await tx.query(`SET LOCAL enable_seqscan = off`);
      const plan: object[] = await tx.query(
        `EXPLAIN SELECT requested_by FROM approval WHERE agent_id = 'tidy' AND tool = 'x'`,
      );
      expect(JSON.stringify(plan)).toMatch(/approval_of_agent.*Index Cond.*agent_id = .*tool = /);
    });
  } finally {
    await owner.end();
    await test.close();
  }
});
