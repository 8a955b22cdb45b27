import type { executor } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Contract } from '../contract/contract.types.js';
import type { ActionStatus } from './action.rules.js';

/** One tool call of one step. */
@Entity('action')
export class Action {
  @PrimaryColumn('uuid') execution_id!: string;
  @PrimaryColumn('integer') step!: number;
  @PrimaryColumn('integer') index!: number;
  @Column('uuid') team_id!: string;
  @Column('text') status!: ActionStatus;
  @Column('text') tool!: string;
  /** Null when the call was malformed and never reached the gate. */
  @Column('text', { nullable: true }) digest!: string | null;
  /** The redacted view. */
  @Column('jsonb') arguments!: Record<string, unknown>;
  /** The real bytes, encrypted for the team. */
  @Column('bytea') sealed_arguments!: Buffer;
  @Column('bytea', { nullable: true }) sealed_output!: Buffer | null;
  @Column('jsonb', { nullable: true }) contract!: Contract | null;
  /** How often its effect was begun. */
  @Column('integer') attempts!: number;
  @Column('uuid', { nullable: true }) approval_id!: string | null;
  @Column('jsonb', { nullable: true }) predicted!: executor.PredictedFact | null;
  @Column('jsonb', { nullable: true }) decided!: executor.DecidedFact | null;
  /** What policy was asked, where it allowed the action by itself. */
  @Column('jsonb', { nullable: true }) input!: executor.AllowedAction | null;
  @Column('jsonb', { nullable: true }) done!: executor.DoneFact | null;
  @Column('jsonb', { nullable: true }) verified!: executor.VerifiedFact | null;
  @Column('jsonb', { nullable: true }) undone!: executor.UndoneFact | null;
  @Column('jsonb', { nullable: true }) failure!: executor.FailureView | null;
}
