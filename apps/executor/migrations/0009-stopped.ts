import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of a run that a kill switch ended: which one, whose and why. */
export class Stopped1763600009000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE execution ADD COLUMN stopped jsonb`);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
