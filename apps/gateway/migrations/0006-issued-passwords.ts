import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who was given the last one-time password of a person, and when; whether they ever had a sign-in of their own. */
export class IssuedPasswords1763600006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE users
        ADD COLUMN one_time_by text,
        ADD COLUMN one_time_at timestamptz,
        ADD COLUMN settled boolean NOT NULL DEFAULT false;
      UPDATE users SET settled = one_time_until IS NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
