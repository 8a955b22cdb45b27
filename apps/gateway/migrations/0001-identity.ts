import { teamRows } from '#persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Identity1763600001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE team (
        id uuid PRIMARY KEY,
        name text NOT NULL UNIQUE,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );

      CREATE TABLE users (
        id uuid PRIMARY KEY,
        email text NOT NULL UNIQUE CHECK (email = lower(email)),
        name text NOT NULL,
        password_hash text NOT NULL,
        one_time_until timestamptz,
        installation_admin boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );

      CREATE TABLE membership (
        id uuid PRIMARY KEY,
        team_id uuid NOT NULL REFERENCES team,
        user_id uuid NOT NULL REFERENCES users,
        role text CHECK (role IN ('viewer', 'operator', 'approver', 'admin')),
        fact_version integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (team_id, user_id)
      );
      CREATE INDEX membership_of_user ON membership (user_id);
      ${teamRows('gateway', 'membership')}

      -- A person signs in before a team is known: this function alone looks across teams, for one person.
      CREATE POLICY any_team ON membership FOR SELECT TO gateway_owner USING (true);
      CREATE FUNCTION memberships_of(person uuid) RETURNS TABLE (team_id uuid, role text)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = gateway, pg_temp AS $$
        SELECT team_id, role FROM membership WHERE user_id = person AND role IS NOT NULL ORDER BY created_at, team_id
      $$;
      REVOKE ALL ON FUNCTION memberships_of(uuid) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION memberships_of(uuid) TO gateway;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
