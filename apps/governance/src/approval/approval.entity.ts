import type { governance, Principal } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A decision by people about one action; one row per action key, whatever becomes of it. */
@Entity('approval')
export class Approval {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') team_id!: string;
  @Column('uuid') execution_id!: string;
  @Column('integer') step!: number;
  @Column('integer') index!: number;
  /** Of the action as it is now. */
  @Column('text') digest!: string;
  /** Of the action as the agent asked for it. */
  @Column('text') asked_digest!: string;
  /** How often its arguments were edited. */
  @Column('integer') version!: number;
  /** The action as it is now and was put to policy. */
  @Column('jsonb') request!: governance.DecideAction;
  @Column('integer') tier_needed!: 2 | 3;
  @Column('integer') approvers_needed!: number;
  @Column('jsonb') determining_policies!: string[];
  @Column('integer') policy_epoch!: number;
  @Column('text') input_digest!: string;
  @Column('jsonb') reasons!: string[];
  @Column('jsonb') requested_by!: Principal;
  @Column('jsonb') on_behalf_of!: Principal;
  /** W3C traceparent of the request. */
  @Column('text', { nullable: true }) trace!: string | null;
  @Column('text') status!: governance.ApprovalStatus;
  @Column('timestamptz') requested_at!: Date;
  @Column('timestamptz') expires_at!: Date;
  @Column('timestamptz', { nullable: true }) decided_at!: Date | null;
  @Column('timestamptz', { nullable: true }) claimed_at!: Date | null;
  /** Null: its deadline comes first. */
  @Column('timestamptz', { nullable: true }) escalate_at!: Date | null;
  @Column('timestamptz', { nullable: true }) escalated_at!: Date | null;
  @Column('integer') fact_version!: number;
}
