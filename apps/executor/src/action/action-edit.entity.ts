import type { executor } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Contract } from '../contract/contract.types.js';

/** What a reviewer would make of an action. It is nothing until people have approved exactly this digest. */
@Entity('action_edit')
export class ActionEdit {
  @PrimaryColumn('uuid') execution_id!: string;
  @PrimaryColumn('integer') step!: number;
  @PrimaryColumn('integer') index!: number;
  @PrimaryColumn('text') digest!: string;
  @Column('uuid') team_id!: string;
  /** The redacted view. */
  @Column('jsonb') arguments!: Record<string, unknown>;
  /** The real bytes, encrypted for the team. */
  @Column('bytea') sealed_arguments!: Buffer;
  @Column('jsonb') contract!: Contract;
  @Column('jsonb') predicted!: executor.PredictedFact;
}
