import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Keys1763600003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_key (
        id uuid PRIMARY KEY,
        team_id uuid NOT NULL REFERENCES team,
        user_id uuid NOT NULL REFERENCES users,
        type text NOT NULL CHECK (type IN ('person', 'agent', 'service')),
        name text NOT NULL,
        role text CHECK (role IN ('viewer', 'operator', 'approver', 'admin')),
        scopes text[],
        secret_hash bytea NOT NULL,
        usage_limit integer CHECK (usage_limit > 0),
        uses bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        last_used_at timestamptz,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz
      );
      CREATE INDEX api_key_of_team ON api_key (team_id, id);
      CREATE INDEX api_key_of_user ON api_key (user_id, team_id);
      ${teamRows('gateway', 'api_key')}

      -- A key says itself which team it is for: this function alone looks across teams, for one key.
      CREATE POLICY any_team ON api_key FOR SELECT TO gateway_owner USING (true);
      CREATE FUNCTION api_key_of(key uuid) RETURNS SETOF api_key
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = gateway, pg_temp AS $$
        SELECT * FROM api_key WHERE id = key
      $$;
      REVOKE ALL ON FUNCTION api_key_of(uuid) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION api_key_of(uuid) TO gateway;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
