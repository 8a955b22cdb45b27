import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys of people who left before their leaving revoked them. Its owner, too, sees an api_key only while nothing forces it not to. */
export class FormerMembersKeys1763600005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_key NO FORCE ROW LEVEL SECURITY;
      UPDATE api_key SET revoked_at = clock_timestamp()
      FROM membership
      WHERE membership.team_id = api_key.team_id AND membership.user_id = api_key.user_id
        AND membership.role IS NULL AND api_key.revoked_at IS NULL;
      ALTER TABLE api_key FORCE ROW LEVEL SECURITY;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
