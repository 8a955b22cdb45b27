import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Requests1763600003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE execution
        ADD COLUMN pause_requested boolean NOT NULL DEFAULT false,
        ADD COLUMN rollback_requested boolean NOT NULL DEFAULT false,
        ADD COLUMN undoable boolean NOT NULL DEFAULT false;

      -- Forced row-level security binds the owner, too: what ended before this migration would not be seen.
      CREATE POLICY backfill ON execution FOR UPDATE TO executor_owner USING (true);
      CREATE POLICY backfill ON action FOR SELECT TO executor_owner USING (true);
      UPDATE execution SET undoable = true
      WHERE finished_at IS NOT NULL AND EXISTS (
        SELECT FROM action WHERE action.execution_id = execution.id
          AND (status IN ('started', 'inconclusive', 'undoing', 'conflict', 'undo_failed')
            OR (status = 'kept' AND (verified->>'verdict' = 'inconclusive' OR (verified->>'change_count')::integer > 0))));
      DROP POLICY backfill ON execution;
      DROP POLICY backfill ON action;

      CREATE INDEX execution_by_status ON execution (team_id, status, id DESC);
      CREATE INDEX execution_by_agent ON execution (team_id, agent_id, id DESC);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
