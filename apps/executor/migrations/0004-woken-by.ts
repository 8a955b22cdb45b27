import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WokenBy1763600004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- W3C traceparent of whoever woke the run, for the next claim to name.
      ALTER TABLE work ADD COLUMN woken_by text;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
