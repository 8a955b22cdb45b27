import type { governance, Principal } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { BundleFiles } from './bundle-file.rules.js';

/** One bundle as somebody wrote it, from draft to force. */
@Entity('policy')
export class Policy {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') team_id!: string;
  @Column('text') status!: governance.PolicyStatus;
  @Column('jsonb') files!: BundleFiles;
  @Column('text') files_digest!: string;
  @Column('text', { nullable: true }) note!: string | null;
  /** The epoch it was written from, compared with and approved against. */
  @Column('integer') based_on!: number;
  /** Of a rollback: the epoch whose content comes back. */
  @Column('integer', { nullable: true }) returns_to!: number | null;
  @Column('jsonb') author!: Principal;
  @Column('jsonb') on_behalf_of!: Principal;
  @Column('jsonb', { nullable: true }) trial!: governance.PolicyCheck | null;
  @Column('jsonb', { nullable: true }) shadow!: governance.PolicyShadow | null;
  @Column('timestamptz') created_at!: Date;
  @Column('timestamptz', { nullable: true }) expires_at!: Date | null;
  @Column('integer', { nullable: true }) epoch!: number | null;
  /** Of what decides, once published. */
  @Column('text', { nullable: true }) digest!: string | null;
  @Column('text', { nullable: true }) key_id!: string | null;
  @Column('text', { nullable: true }) signature!: string | null;
  @Column('timestamptz', { nullable: true }) published_at!: Date | null;
}

/** One person's word about a bundle. */
@Entity('policy_vote')
export class PolicyVote {
  @PrimaryColumn('uuid') policy_id!: string;
  @PrimaryColumn('uuid') user_id!: string;
  @Column('uuid') team_id!: string;
  @Column('text') name!: string;
  @Column('text') decision!: 'approve' | 'reject';
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('timestamptz') at!: Date;
}
