import type { Principal } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One agent, as an approver saw it ask, may use one tool without asking again: for a time, so often, for one approver. */
@Entity('bypass')
export class Bypass {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') team_id!: string;
  @Column('text') agent_id!: string;
  /** Of the question the approver saw, with `held` and `requested_by`; null only of bypasses that have ended. */
  @Column('text', { nullable: true }) agent_version!: string | null;
  @Column('boolean', { nullable: true }) held!: boolean | null;
  @Column('jsonb', { nullable: true }) requested_by!: Principal | null;
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
