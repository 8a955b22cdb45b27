import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Predictions1763600001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE prediction (
        id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        execution_id uuid,
        agent_id text,
        agent_type text NOT NULL,
        task_description text NOT NULL,
        input_digest text NOT NULL,
        output jsonb NOT NULL,
        model_version text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      CREATE INDEX prediction_of_execution ON prediction (team_id, execution_id) WHERE execution_id IS NOT NULL;

      CREATE TABLE outcome (
        team_id uuid NOT NULL,
        execution_id uuid NOT NULL,
        agent_id text NOT NULL,
        status text NOT NULL,
        failure_code text,
        risk_score double precision NOT NULL,
        counts_as text NOT NULL CHECK (counts_as IN ('succeeded', 'failed', 'deviated', 'nothing')),
        version integer NOT NULL,
        ended_at timestamptz NOT NULL,
        PRIMARY KEY (team_id, execution_id)
      );
      CREATE INDEX outcome_of_agent ON outcome (team_id, agent_id, execution_id DESC) INCLUDE (counts_as)
        WHERE counts_as <> 'nothing';
      CREATE INDEX outcome_of_team ON outcome (team_id, execution_id DESC) INCLUDE (counts_as)
        WHERE counts_as <> 'nothing';
    `);
    for (const table of ['prediction', 'outcome']) await runner.query(teamRows('prediction', table));
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
