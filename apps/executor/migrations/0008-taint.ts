import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a run may know, and what policy was asked about it: kept at the intent, told in batches. */
export class Taint1763600008000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE execution ADD COLUMN taint jsonb NOT NULL DEFAULT
        '{"read_sensitive": false, "read_untrusted": false, "external_send_pending": false, "secrets_used": false}',
        ADD COLUMN decision_input jsonb,
        ADD COLUMN decisions_told integer NOT NULL DEFAULT -1;
      ALTER TABLE action ADD COLUMN input jsonb;

      -- What an agent that runs elsewhere may know by now: each of its actions is a run of its own.
      CREATE TABLE external_agent (
        team_id uuid NOT NULL,
        agent_id text NOT NULL,
        taint jsonb NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (team_id, agent_id)
      );
      ${teamRows('executor', 'external_agent')}
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
