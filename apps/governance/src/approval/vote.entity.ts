import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one person said about one approval. */
@Entity('vote')
export class Vote {
  @PrimaryColumn('uuid') approval_id!: string;
  @PrimaryColumn('uuid') user_id!: string;
  /** The version of the approval that it is about; an earlier one's no longer counts. */
  @PrimaryColumn('integer') version!: number;
  @Column('uuid') team_id!: string;
  /** What people read. */
  @Column('text') name!: string;
  @Column('text') decision!: 'approve' | 'reject';
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('timestamptz') at!: Date;
}
