import type { MigrationInterface, QueryRunner } from 'typeorm';

export class JournalRetention1763600002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The journal grows by rows and goes by whole months; nobody changes a row.
      REVOKE UPDATE, DELETE ON journal FROM executor, executor_all;

      -- Forced row-level security binds the owner, too: without this a month would look empty to the function below.
      CREATE POLICY any_execution ON execution FOR SELECT TO executor_owner USING (true);

      CREATE OR REPLACE FUNCTION ensure_journal_partition(month date) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = executor, pg_temp AS $$
      DECLARE
        name text := 'journal_' || to_char(month, 'YYYY_MM');
        first_id uuid := uuid_floor(date_trunc('month', month::timestamp));
        next_id uuid := uuid_floor(date_trunc('month', month::timestamp) + interval '1 month');
      BEGIN
        -- Processes that start together make a partition one after the other.
        PERFORM pg_advisory_xact_lock(hashtextextended('executor.journal_partition', 0));
        IF to_regclass(name) IS NULL THEN
          EXECUTE format('CREATE TABLE %I PARTITION OF journal FOR VALUES FROM (%L) TO (%L)', name, first_id, next_id);
          EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
          EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        END IF;
      END $$;

      -- Drops the journal of a month of which no execution is left; false when there is none to drop. It takes a month
      -- and no name, so nothing but a partition of the journal can be meant. Readers and writers of the journal wait
      -- meanwhile, hence the short time it waits for them; past that it fails with 55P03 and changes nothing.
      CREATE FUNCTION drop_journal_partition(month date) RETURNS boolean
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = executor, pg_temp SET lock_timeout = '500ms' AS $$
      DECLARE
        first_day timestamp := date_trunc('month', month::timestamp);
        name text := 'journal_' || to_char(month, 'YYYY_MM');
      BEGIN
        IF first_day >= date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 month' THEN
          RAISE EXCEPTION 'the journal of % is in use', to_char(month, 'YYYY-MM');
        END IF;
        IF EXISTS (SELECT FROM execution WHERE id >= uuid_floor(first_day)
                     AND id < uuid_floor(first_day + interval '1 month')) THEN
          RAISE EXCEPTION 'there are executions of %', to_char(month, 'YYYY-MM');
        END IF;
        LOCK TABLE ONLY journal IN ACCESS EXCLUSIVE MODE;
        IF NOT EXISTS (SELECT FROM pg_inherits
                       WHERE inhparent = 'journal'::regclass AND inhrelid = to_regclass(name)) THEN
          RETURN false;
        END IF;
        EXECUTE format('DROP TABLE %I', name);
        RETURN true;
      END $$;
      REVOKE ALL ON FUNCTION drop_journal_partition(date) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION drop_journal_partition(date) TO executor_all;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
