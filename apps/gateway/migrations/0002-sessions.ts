import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions are found before a team is known, so neither table is a team's: `team` is the one signed in to. */
export class Sessions1763600002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE session (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        team uuid NOT NULL REFERENCES team,
        client text NOT NULL,
        carrier text NOT NULL CHECK (carrier IN ('cookie', 'host_cookie', 'body')),
        handle_hash bytea NOT NULL UNIQUE,
        token_hash bytea NOT NULL,
        previous_hash bytea,
        rotated_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        last_used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        ended_at timestamptz
      );
      CREATE INDEX session_of_user ON session (user_id, id) WHERE ended_at IS NULL;
      CREATE INDEX session_expires_at ON session (expires_at);

      CREATE TABLE stream_ticket (
        hash bytea PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        team uuid NOT NULL REFERENCES team,
        session_id uuid REFERENCES session ON DELETE CASCADE,
        ends_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX stream_ticket_expires_at ON stream_ticket (expires_at);
      CREATE INDEX stream_ticket_of_session ON stream_ticket (session_id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
