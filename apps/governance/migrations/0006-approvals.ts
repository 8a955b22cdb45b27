import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Approvals1763600006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE approval
        ADD COLUMN asked_digest text,
        ADD COLUMN version integer NOT NULL DEFAULT 0,
        ADD COLUMN escalate_at timestamptz(3),
        ADD COLUMN escalated_at timestamptz(3);
      -- Forced row-level security binds the owner, too: what was asked before this migration would not be seen.
      CREATE POLICY backfill ON approval TO governance_owner USING (true);
      UPDATE approval SET asked_digest = digest;
      DROP POLICY backfill ON approval;
      ALTER TABLE approval ALTER COLUMN asked_digest SET NOT NULL;
      CREATE INDEX approval_same ON approval (team_id, digest, id) WHERE status = 'pending';
      CREATE INDEX approval_to_escalate ON approval (escalate_at) WHERE status = 'pending' AND escalated_at IS NULL;

      ALTER TABLE vote ADD COLUMN version integer NOT NULL DEFAULT 0;
      ALTER TABLE vote DROP CONSTRAINT vote_pkey, ADD PRIMARY KEY (approval_id, user_id, version);

      CREATE TABLE approval_edit (
        approval_id uuid NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        team_id uuid NOT NULL,
        user_id uuid NOT NULL,
        name text NOT NULL,
        before jsonb NOT NULL,
        after jsonb NOT NULL,
        before_digest text NOT NULL,
        after_digest text NOT NULL,
        at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (approval_id, version)
      );

      CREATE TABLE bypass (
        id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        agent_id text NOT NULL,
        tool text NOT NULL,
        reason text NOT NULL,
        uses integer NOT NULL CHECK (uses > 0),
        used integer NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND uses),
        given_by jsonb NOT NULL,
        given_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        revoked_by jsonb,
        revoked_at timestamptz(3),
        fact_version integer NOT NULL DEFAULT 1
      );
      CREATE INDEX bypass_newest ON bypass (team_id, id DESC);
      CREATE INDEX bypass_of_agent ON bypass (team_id, agent_id, tool, expires_at) WHERE revoked_at IS NULL;

      CREATE TABLE bypass_use (
        team_id uuid NOT NULL,
        execution_id uuid NOT NULL,
        step integer NOT NULL,
        index integer NOT NULL,
        digest text NOT NULL,
        bypass_id uuid NOT NULL,
        use integer NOT NULL,
        at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (team_id, execution_id, step, index),
        UNIQUE (bypass_id, use)
      );
    `);
    for (const table of ['approval_edit', 'bypass', 'bypass_use']) await runner.query(teamRows('governance', table));
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
