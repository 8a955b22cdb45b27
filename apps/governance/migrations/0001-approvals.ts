import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Approvals1763600001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The rules compare a deadline with the clock in whole milliseconds, so it has no finer part.
      CREATE TABLE approval (
        id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        execution_id uuid NOT NULL,
        step integer NOT NULL,
        index integer NOT NULL,
        digest text NOT NULL,
        request jsonb NOT NULL,
        tier_needed integer NOT NULL CHECK (tier_needed IN (2, 3)),
        approvers_needed integer NOT NULL CHECK (approvers_needed = tier_needed - 1),
        determining_policies jsonb NOT NULL,
        policy_epoch integer NOT NULL,
        input_digest text NOT NULL,
        reasons jsonb NOT NULL,
        requested_by jsonb NOT NULL,
        on_behalf_of jsonb NOT NULL,
        trace text,
        status text NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'expired', 'withdrawn', 'claimed')),
        requested_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        decided_at timestamptz(3),
        claimed_at timestamptz(3),
        fact_version integer NOT NULL DEFAULT 1,
        UNIQUE (team_id, execution_id, step, index)
      );
      CREATE INDEX approval_newest ON approval (team_id, id DESC);
      CREATE INDEX approval_due ON approval (expires_at) WHERE status IN ('pending', 'approved');

      CREATE TABLE vote (
        approval_id uuid NOT NULL,
        user_id uuid NOT NULL,
        team_id uuid NOT NULL,
        name text NOT NULL,
        decision text NOT NULL CHECK (decision IN ('approve', 'reject')),
        reason text,
        at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (approval_id, user_id)
      );

      CREATE TABLE member (
        team_id uuid NOT NULL,
        user_id uuid NOT NULL,
        email text NOT NULL,
        role text,
        active boolean NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (team_id, user_id)
      );

      CREATE TABLE policy_epoch (
        epoch integer PRIMARY KEY,
        digest text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
    `);
    for (const table of ['approval', 'vote', 'member']) await runner.query(teamRows('governance', table));
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
