import type { MigrationInterface, QueryRunner } from 'typeorm';

export class BypassSubject1763600007000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Columns of their own: row-level security keeps an index from being searched by what is inside of a document.
      ALTER TABLE approval
        ADD COLUMN agent_id text GENERATED ALWAYS AS (request ->> 'agent_id') STORED,
        ADD COLUMN tool text GENERATED ALWAYS AS (request ->> 'tool') STORED;
      CREATE INDEX approval_of_agent ON approval (team_id, agent_id, tool, id DESC);

      ALTER TABLE bypass
        ADD COLUMN agent_version text,
        ADD COLUMN held boolean,
        ADD COLUMN requested_by jsonb;
      -- Forced row-level security binds the owner, too: what was given before this migration would not be seen.
      CREATE POLICY backfill ON bypass TO governance_owner USING (true);
      UPDATE bypass SET revoked_at = clock_timestamp() WHERE revoked_at IS NULL;
      DROP POLICY backfill ON bypass;
      ALTER TABLE bypass ADD CHECK (
        revoked_at IS NOT NULL OR (agent_version IS NOT NULL AND held IS NOT NULL AND requested_by IS NOT NULL)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
