import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KillSwitch1763600003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE kill_switch (
        id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        scope text NOT NULL CHECK (scope IN ('all', 'team', 'agent', 'tool')),
        target text NOT NULL,
        rehearsal boolean NOT NULL,
        status text NOT NULL CHECK (status IN ('engaged', 'releasing', 'released')),
        stage integer NOT NULL DEFAULT 0,
        stage_due timestamptz,
        epoch integer NOT NULL,
        reason text NOT NULL,
        requested_by jsonb NOT NULL,
        on_behalf_of jsonb NOT NULL,
        requested_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        confirmed_at timestamptz(3),
        would_stop jsonb,
        released_by jsonb,
        release_reason text,
        released_at timestamptz(3),
        fact_version integer NOT NULL DEFAULT 1
      );

      -- One that stops every team belongs to none; the team its request was made in gets its facts.
      CREATE TABLE installation_kill_switch (LIKE kill_switch INCLUDING ALL);
      ALTER TABLE installation_kill_switch RENAME COLUMN team_id TO asked_in;
      ALTER TABLE installation_kill_switch ADD CHECK (scope = 'all');
      ALTER TABLE kill_switch ADD CHECK (scope <> 'all');

      CREATE UNIQUE INDEX kill_switch_one ON kill_switch (team_id, scope, target)
        WHERE status <> 'released' AND NOT rehearsal;
      CREATE UNIQUE INDEX installation_kill_switch_one ON installation_kill_switch (scope)
        WHERE status <> 'released' AND NOT rehearsal;
      CREATE INDEX kill_switch_newest ON kill_switch (team_id, id DESC);
      CREATE INDEX kill_switch_open ON kill_switch (status) WHERE status <> 'released';

      -- Its row is locked by every change, so whoever sees an epoch sees everything up to it.
      CREATE TABLE kill_epoch (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        epoch integer NOT NULL
      );
      INSERT INTO kill_epoch (epoch) VALUES (1);

      -- Executor processes as they were last heard of.
      CREATE TABLE executor_replica (
        id uuid PRIMARY KEY,
        epoch integer NOT NULL,
        stopping jsonb NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
    `);
    await runner.query(teamRows('governance', 'kill_switch'));
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
