import type { Principal } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One agent may use one tool without asking again: for a time, so often, where policy asks for one approver. */
@Entity('bypass')
export class Bypass {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') team_id!: string;
  @Column('text') agent_id!: string;
  @Column('text') tool!: string;
  @Column('text') reason!: string;
  @Column('integer') uses!: number;
  @Column('integer') used!: number;
  @Column('jsonb') given_by!: Principal;
  @Column('timestamptz') given_at!: Date;
  @Column('timestamptz') expires_at!: Date;
  @Column('jsonb', { nullable: true }) revoked_by!: Principal | null;
  @Column('timestamptz', { nullable: true }) revoked_at!: Date | null;
  @Column('integer') fact_version!: number;
}
