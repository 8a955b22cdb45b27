import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Executions1763600001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE execution (
        id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        status text NOT NULL,
        paused_reason text,
        agent_id text NOT NULL,
        agent_type text NOT NULL,
        task_description text NOT NULL,
        max_steps integer NOT NULL,
        playbook jsonb,
        workspace jsonb,
        principal jsonb NOT NULL,
        on_behalf_of jsonb NOT NULL,
        trace text,
        prediction jsonb,
        decided jsonb,
        approval_id uuid,
        risk_score double precision NOT NULL DEFAULT 0,
        deception_probability double precision NOT NULL DEFAULT 0,
        analyser_state jsonb,
        spec_violations jsonb NOT NULL DEFAULT '[]',
        failure jsonb,
        ending jsonb,
        final_answer text,
        cancel_requested boolean NOT NULL DEFAULT false,
        epoch integer NOT NULL DEFAULT 0,
        last_seq integer NOT NULL DEFAULT 0,
        fact_version integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        started_at timestamptz,
        finished_at timestamptz
      );
      CREATE INDEX execution_newest ON execution (team_id, id DESC);

      CREATE TABLE journal (
        execution_id uuid NOT NULL,
        seq integer NOT NULL,
        team_id uuid NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        kind text NOT NULL,
        body jsonb NOT NULL,
        PRIMARY KEY (execution_id, seq)
      ) PARTITION BY RANGE (execution_id);

      CREATE TABLE step (
        execution_id uuid NOT NULL,
        step integer NOT NULL,
        team_id uuid NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        label text NOT NULL,
        thought text NOT NULL,
        observation text,
        keep_going boolean NOT NULL DEFAULT false,
        finished boolean NOT NULL DEFAULT false,
        PRIMARY KEY (execution_id, step)
      );

      CREATE TABLE action (
        execution_id uuid NOT NULL,
        step integer NOT NULL,
        index integer NOT NULL,
        team_id uuid NOT NULL,
        status text NOT NULL,
        tool text NOT NULL,
        digest text,
        arguments jsonb NOT NULL,
        sealed_arguments bytea NOT NULL,
        sealed_output bytea,
        contract jsonb,
        attempts integer NOT NULL DEFAULT 0,
        approval_id uuid,
        predicted jsonb,
        decided jsonb,
        done jsonb,
        verified jsonb,
        undone jsonb,
        failure jsonb,
        PRIMARY KEY (execution_id, step, index)
      );

      CREATE TABLE hold (
        id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        execution_id uuid NOT NULL,
        step integer NOT NULL,
        index integer NOT NULL,
        driver text NOT NULL,
        status text NOT NULL,
        before_manifest text NOT NULL,
        left_manifest text,
        taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (execution_id, step, index, driver)
      );

      CREATE TABLE playbook (
        team_id uuid NOT NULL,
        digest text NOT NULL,
        name text NOT NULL,
        description text,
        steps integer NOT NULL,
        source text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (team_id, digest)
      );
      CREATE INDEX playbook_by_name ON playbook (team_id, name, created_at DESC);

      CREATE TABLE work (
        execution_id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        state text NOT NULL CHECK (state IN ('ready', 'leased', 'waiting', 'done')),
        attempt integer NOT NULL DEFAULT 0,
        failures integer NOT NULL DEFAULT 0,
        woken boolean NOT NULL DEFAULT false,
        not_before timestamptz NOT NULL DEFAULT '-infinity',
        lease_until timestamptz
      );
      CREATE INDEX work_ready ON work (not_before, execution_id) WHERE state = 'ready';
      CREATE INDEX work_timed ON work (state) WHERE state IN ('leased', 'waiting');

      CREATE TABLE workspace_lock (
        path text PRIMARY KEY,
        team_id uuid NOT NULL,
        execution_id uuid NOT NULL
      );
    `);
    const tables = ['execution', 'journal', 'step', 'action', 'hold', 'playbook', 'work', 'workspace_lock'];
    for (const table of tables) await runner.query(teamRows('executor', table));
    await runner.query(`CREATE POLICY any_folder ON workspace_lock FOR SELECT TO executor_owner USING (true)`);
    await runner.query(`
      -- Rows of a partition are reached through the journal alone, where the team's policy stands.
      CREATE FUNCTION ensure_journal_partition(month date) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = executor, pg_temp AS $$
      DECLARE
        name text := 'journal_' || to_char(month, 'YYYY_MM');
        first_id uuid := uuid_floor(date_trunc('month', month::timestamp));
        next_id uuid := uuid_floor(date_trunc('month', month::timestamp) + interval '1 month');
      BEGIN
        IF to_regclass(name) IS NULL THEN
          EXECUTE format('CREATE TABLE %I PARTITION OF journal FOR VALUES FROM (%L) TO (%L)', name, first_id, next_id);
          EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
          EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        END IF;
      END $$;

      -- Which executions, of whatever team, work in this folder, above or below it: two teams may name one folder.
      CREATE FUNCTION workspace_locked(folder text) RETURNS SETOF uuid
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = executor, pg_temp AS $$
        SELECT execution_id FROM workspace_lock
        WHERE path = folder OR starts_with(path, folder || '/') OR starts_with(folder, path || '/')
      $$;

      -- The lowest UUIDv7 of an instant.
      CREATE FUNCTION uuid_floor(at timestamp) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
      $$;

      SELECT ensure_journal_partition(CAST(date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month' AS date))
      FROM generate_series(-1, 2) AS n;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
