import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Budgets1763600002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE budget (
        id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        scope text NOT NULL CHECK (scope IN ('team', 'agent', 'execution')),
        target text NOT NULL,
        dimension text NOT NULL CHECK (dimension IN ('steps', 'wall_ms', 'tokens', 'cost_micros')),
        period text NOT NULL CHECK (period IN ('total', 'day', 'month')),
        soft bigint,
        hard bigint,
        used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
        reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
        -- What was reserved in an earlier period is settled there, not in this one.
        period_from timestamptz NOT NULL,
        soft_told boolean NOT NULL DEFAULT false,
        hard_told boolean NOT NULL DEFAULT false,
        changed_by jsonb NOT NULL,
        changed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        fact_version integer NOT NULL DEFAULT 1,
        UNIQUE (team_id, scope, target, dimension, period)
      );

      CREATE TABLE reservation (
        team_id uuid NOT NULL,
        key text NOT NULL,
        execution_id uuid NOT NULL,
        amounts jsonb NOT NULL,
        shares jsonb NOT NULL,
        settled boolean NOT NULL DEFAULT false,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (team_id, key)
      );
      CREATE INDEX reservation_execution ON reservation (execution_id);
      CREATE INDEX reservation_open ON reservation (at) WHERE NOT settled;
      CREATE INDEX reservation_at ON reservation (at) WHERE settled;
    `);
    for (const table of ['budget', 'reservation']) await runner.query(teamRows('governance', table));
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
