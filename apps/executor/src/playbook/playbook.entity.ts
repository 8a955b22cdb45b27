import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One version of a team's playbook file, by the digest of its bytes. */
@Entity('playbook')
export class PlaybookFile {
  @PrimaryColumn('uuid') team_id!: string;
  @PrimaryColumn('text') digest!: string;
  @Column('text') name!: string;
  @Column('text', { nullable: true }) description!: string | null;
  @Column('integer') steps!: number;
  @Column('text') source!: string;
  @Column('timestamptz') created_at!: Date;
}
