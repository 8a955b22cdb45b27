import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Policies1763600005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One bundle as somebody wrote it; its files never change.
      CREATE TABLE policy (
        id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        status text NOT NULL
          CHECK (status IN ('draft', 'awaiting_approval', 'published', 'rejected', 'superseded', 'expired')),
        files jsonb NOT NULL,
        files_digest text NOT NULL,
        note text,
        based_on integer NOT NULL,
        returns_to integer,
        author jsonb NOT NULL,
        on_behalf_of jsonb NOT NULL,
        trial jsonb,
        shadow jsonb,
        created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz(3),
        epoch integer CHECK ((epoch IS NOT NULL) = (status = 'published')),
        digest text,
        key_id text,
        signature text,
        published_at timestamptz(3),
        UNIQUE (team_id, epoch)
      );
      CREATE INDEX policy_newest ON policy (team_id, id DESC);
      CREATE UNIQUE INDEX policy_one_draft ON policy (team_id, (author->>'id'), files_digest, based_on)
        WHERE status = 'draft';

      CREATE TABLE policy_vote (
        policy_id uuid NOT NULL,
        user_id uuid NOT NULL,
        team_id uuid NOT NULL,
        name text NOT NULL,
        decision text NOT NULL CHECK (decision IN ('approve', 'reject')),
        reason text,
        at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (policy_id, user_id)
      );

      -- The bundle a team has published last; a team without a row is under the shipped one.
      CREATE TABLE policy_in_force (
        team_id uuid PRIMARY KEY,
        epoch integer NOT NULL,
        policy_id uuid NOT NULL
      );

      -- One row for each governance process.
      CREATE TABLE policy_replica (
        id uuid PRIMARY KEY,
        started_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        heartbeat_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
      );

      -- Which epoch of a team a replica decides under, and why not the newest.
      CREATE TABLE policy_ack (
        team_id uuid NOT NULL,
        replica_id uuid NOT NULL,
        epoch integer NOT NULL,
        problem text,
        at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (team_id, replica_id)
      );
      CREATE INDEX policy_ack_replica ON policy_ack (replica_id);

      -- What was decided lately, for shadow replay: one row per action key.
      CREATE TABLE policy_input (
        position bigint GENERATED ALWAYS AS IDENTITY,
        team_id uuid NOT NULL,
        execution_id uuid NOT NULL,
        step integer NOT NULL,
        index integer NOT NULL,
        at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        request jsonb NOT NULL,
        inexact boolean NOT NULL,
        decision text NOT NULL,
        tier_needed integer,
        determining_policies jsonb NOT NULL,
        policy_epoch integer NOT NULL,
        PRIMARY KEY (team_id, execution_id, step, index)
      );
      CREATE INDEX policy_input_newest ON policy_input (team_id, position DESC);
    `);
    for (const table of ['policy', 'policy_vote', 'policy_in_force', 'policy_ack', 'policy_input']) {
      await runner.query(teamRows('governance', table));
    }
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
