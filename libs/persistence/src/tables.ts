import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables that hold no team's rows, per service; everything else has `team_id` and forced row-level security. */
export const TABLES_WITHOUT_TEAM: Record<string, readonly string[]> = {
  '*': ['migration', 'relay'],
  governance: ['executor_replica', 'installation_kill_switch', 'kill_epoch', 'policy_epoch', 'policy_replica'],
  gateway: ['users', 'team', 'session', 'stream_ticket', 'oidc_account'],
};

/**
 * SQL that puts a table under row-level security: role `<schema>` sees the team of its transaction, role
 * `<schema>_all` sees every row. Run by a migration, whose current schema is the service's.
 */
export const teamRows = (schema: string, table: string): string => `
  ALTER TABLE "${table}" ENABLE ROW LEVEL SECURITY;
  ALTER TABLE "${table}" FORCE ROW LEVEL SECURITY;
  CREATE POLICY one_team ON "${table}" TO "${schema}"
    USING (team_id = nullif(current_setting('spectrace.team', true), '')::uuid);
  CREATE POLICY every_team ON "${table}" TO "${schema}_all" USING (true);`;

/** The tables every service has: facts and their relay, the inbox, dead letters and idempotent requests. */
export class ServiceTables1763600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const [{ schema }] = await runner.query(`SELECT current_schema() AS schema`);
    await runner.query(`
      CREATE TABLE fact (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        team_id uuid NOT NULL,
        aggregate_id uuid NOT NULL,
        version integer NOT NULL,
        type text NOT NULL,
        body jsonb NOT NULL,
        context jsonb NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        stream_seq bigint,
        UNIQUE (aggregate_id, version)
      );
      CREATE INDEX fact_unsent ON fact (position) WHERE stream_seq IS NULL;
      CREATE INDEX fact_sent ON fact (stream_seq) WHERE stream_seq IS NOT NULL;

      CREATE TABLE relay (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        holder uuid,
        lease_until timestamptz NOT NULL DEFAULT '-infinity',
        stream_created text,
        stream_seq bigint NOT NULL DEFAULT 0
      );
      INSERT INTO relay DEFAULT VALUES;

      CREATE TABLE inbox (
        fact_id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX inbox_at ON inbox (at);

      CREATE TABLE dead_letter (
        fact_id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        type text NOT NULL,
        fact jsonb NOT NULL,
        error jsonb NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE request (
        team_id uuid NOT NULL,
        key text NOT NULL,
        body_digest text NOT NULL,
        response jsonb,
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (team_id, key)
      );
      ${['fact', 'inbox', 'dead_letter', 'request'].map((table) => teamRows(schema, table)).join('\n')}
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}

/**
 * What keeps facts in order and whole: each names its predecessors, one that came too early or failed waits in the
 * database, and the relay can prove that the stream still holds what it sent.
 */
export class OrderedFacts1763600000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const [{ schema }] = await runner.query(`SELECT current_schema() AS schema`);
    await runner.query(`
      ALTER TABLE fact
        ADD COLUMN previous jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN sent_at timestamptz DEFAULT now();
      ALTER TABLE fact ALTER COLUMN sent_at DROP DEFAULT;
      CREATE INDEX fact_at ON fact (at);

      ALTER TABLE relay
        ADD COLUMN witness uuid,
        ADD COLUMN generation integer NOT NULL DEFAULT 0;

      CREATE TABLE postponed_fact (
        fact_id uuid PRIMARY KEY,
        team_id uuid NOT NULL,
        aggregate_id uuid NOT NULL,
        version integer NOT NULL,
        fact jsonb NOT NULL,
        context jsonb NOT NULL,
        failures integer NOT NULL DEFAULT 0,
        error jsonb,
        since timestamptz NOT NULL DEFAULT clock_timestamp(),
        due timestamptz NOT NULL
      );
      CREATE INDEX postponed_fact_due ON postponed_fact (due);
      CREATE INDEX postponed_fact_aggregate ON postponed_fact (aggregate_id);

      ALTER TABLE dead_letter ADD COLUMN context jsonb;
      CREATE INDEX dead_letter_at ON dead_letter (at);
      CREATE INDEX request_at ON request (at);
      ${teamRows(schema, 'postponed_fact')}
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}

export const SERVICE_TABLES = [ServiceTables1763600000000, OrderedFacts1763600000100];
