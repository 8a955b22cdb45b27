import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Approvals1763600007000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE action_edit (
        execution_id uuid NOT NULL,
        step integer NOT NULL,
        index integer NOT NULL,
        digest text NOT NULL,
        team_id uuid NOT NULL,
        arguments jsonb NOT NULL,
        sealed_arguments bytea NOT NULL,
        contract jsonb NOT NULL,
        predicted jsonb NOT NULL,
        PRIMARY KEY (execution_id, step, index, digest)
      );
      ${teamRows('executor', 'action_edit')}

      -- What the run was woken for last: an answer is told twice, by a view and by a fact.
      ALTER TABLE work ADD COLUMN woken_for text;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
