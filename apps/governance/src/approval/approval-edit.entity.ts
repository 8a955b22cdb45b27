import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one reviewer made of the arguments of one approval, redacted on both sides. */
@Entity('approval_edit')
export class ApprovalEdit {
  @PrimaryColumn('uuid') approval_id!: string;
  /** The version of the approval that the edit made. */
  @PrimaryColumn('integer') version!: number;
  @Column('uuid') team_id!: string;
  @Column('uuid') user_id!: string;
  @Column('text') name!: string;
  @Column('jsonb') before!: Record<string, unknown>;
  @Column('jsonb') after!: Record<string, unknown>;
  @Column('text') before_digest!: string;
  @Column('text') after_digest!: string;
  @Column('timestamptz') at!: Date;
}
