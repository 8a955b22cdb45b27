import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One turn of the agent. */
@Entity('step')
export class Step {
  @PrimaryColumn('uuid') execution_id!: string;
  @PrimaryColumn('integer') step!: number;
  @Column('uuid') team_id!: string;
  @Column('timestamptz') at!: Date;
  @Column('text') label!: string;
  @Column('text') thought!: string;
  @Column('text', { nullable: true }) observation!: string | null;
  /** After a failed action the turn's others are still attempted. */
  @Column('boolean') keep_going!: boolean;
  @Column('boolean') finished!: boolean;
}
