import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OverBudget1763600006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE execution
        ADD COLUMN over_budget boolean NOT NULL DEFAULT false,
        -- Findings that are violations: {code, severity, sentence, step}, the first hundred.
        ADD COLUMN detections jsonb NOT NULL DEFAULT '[]';
      CREATE INDEX execution_out_of_budget ON execution (team_id) WHERE paused_reason = 'budget';
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
