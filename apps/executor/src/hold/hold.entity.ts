import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { HoldStatus } from './hold.rules.js';

/** The snapshot taken before an action; its manifests are blobs. */
@Entity('hold')
export class Hold {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') team_id!: string;
  @Column('uuid') execution_id!: string;
  @Column('integer') step!: number;
  @Column('integer') index!: number;
  @Column('text') driver!: 'workspace';
  @Column('text') status!: HoldStatus;
  /** Blob digest of the manifest taken before the action. */
  @Column('text') before_manifest!: string;
  /** Blob digest of the manifest the action left; null until it was observed. */
  @Column('text', { nullable: true }) left_manifest!: string | null;
}
