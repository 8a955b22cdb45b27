import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Violations1763600004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE violation (
        id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        -- What of which run it is, so that hearing of it twice is one row.
        key text NOT NULL,
        agent_id text NOT NULL,
        policy_id text,
        violation_type text NOT NULL CHECK (violation_type IN ('spec', 'policy', 'contract', 'detector')),
        severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
        sentence text NOT NULL,
        details jsonb NOT NULL,
        execution_id uuid NOT NULL,
        step integer,
        occurred_at timestamptz(3) NOT NULL,
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'accepted', 'fixed', 'false_alarm')),
        owner uuid,
        due_at timestamptz(3),
        changes jsonb NOT NULL DEFAULT '[]',
        fact_version integer NOT NULL DEFAULT 1,
        UNIQUE (team_id, key)
      );
      CREATE INDEX violation_newest ON violation (team_id, id DESC);
      CREATE INDEX violation_by_status ON violation (team_id, status, id DESC);
      CREATE INDEX violation_by_agent ON violation (team_id, agent_id, id DESC);
      CREATE INDEX violation_by_execution ON violation (execution_id, id DESC);
    `);
    await runner.query(teamRows('governance', 'violation'));
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
