import type { TeamRole } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person's place in a team, as the gateway told it last. */
@Entity('member')
export class Member {
  @PrimaryColumn('uuid') team_id!: string;
  @PrimaryColumn('uuid') user_id!: string;
  @Column('text') email!: string;
  /** Null: no longer a member. */
  @Column('text', { nullable: true }) role!: TeamRole | null;
  @Column('boolean') active!: boolean;
  /** Of the fact it came from. */
  @Column('integer') version!: number;
}
