import type { gateway } from '#contracts';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Member } from './member.entity.js';

@Injectable()
export class MemberRepository {
  /** Facts of one person may come twice or late: an older version never overwrites a newer one. */
  async apply(tx: Tx, team: string, version: number, body: gateway.MemberChanged): Promise<void> {
    const { user_id, email, role, active } = body;
    await tx.query(
      `INSERT INTO member (team_id, user_id, email, role, active, version) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (team_id, user_id) DO UPDATE
       SET email = EXCLUDED.email, role = EXCLUDED.role, active = EXCLUDED.active, version = EXCLUDED.version
       WHERE member.version < EXCLUDED.version`,
      [team, user_id, email, role ?? null, active, version],
    );
  }

  /** Those of these people that are known; a person whose first fact is still on its way is not. */
  known(tx: Tx, userIds: readonly string[]): Promise<Member[]> {
    return tx.find(Member, { where: { user_id: In([...userIds]) } });
  }
}
