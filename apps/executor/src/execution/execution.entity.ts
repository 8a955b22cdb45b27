import type { executor, governance, Principal, prediction } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Detection } from './violation.rules.js';

export interface PinnedPlaybook {
  name: string;
  digest: string;
  inputs: Record<string, unknown>;
}

/** What the driver's last turn decided, written down before anything is taken back for it. */
export interface Ending {
  answer: string | null;
  /** What made the driver give up. */
  stop: executor.FailureView | null;
  /** The kept effects are to be undone. */
  rollback: boolean;
  cancelled: boolean;
  /** It ended before and was opened again for a rollback: meanwhile anybody may have worked in its folder. */
  reopened?: true;
}

/** One run: the projection of its journal, changed only in the transaction that appends to it. */
@Entity('execution')
export class Execution {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') team_id!: string;
  @Column('text') status!: executor.ExecutionStatus;
  @Column('text', { nullable: true }) paused_reason!: executor.PauseReason | null;
  @Column('text') agent_id!: string;
  @Column('text') agent_type!: string;
  @Column('text') task_description!: string;
  @Column('integer') max_steps!: number;
  @Column('jsonb', { nullable: true }) playbook!: PinnedPlaybook | null;
  @Column('jsonb', { nullable: true }) workspace!: executor.WorkspaceChoice | null;
  @Column('jsonb') principal!: Principal;
  @Column('jsonb') on_behalf_of!: Principal;
  @Column('text', { nullable: true }) trace!: string | null;
  @Column('jsonb', { nullable: true }) prediction!: executor.PredictionSummary | null;
  @Column('jsonb', { nullable: true }) decided!: executor.DecidedFact | null;
  /** What policy was asked, where it allowed the run by itself. */
  @Column('jsonb', { nullable: true }) decision_input!: executor.AllowedAction | null;
  /** The last step whose allowed actions were told to others; -1 before the run itself is. */
  @Column('integer') decisions_told!: number;
  /** The approval it waits for, of the run itself or of an action. */
  @Column('uuid', { nullable: true }) approval_id!: string | null;
  @Column('double precision') risk_score!: number;
  @Column('double precision') deception_probability!: number;
  @Column('jsonb', { nullable: true }) analyser_state!: prediction.AnalyserState;
  @Column('jsonb') spec_violations!: executor.SpecViolationView[];
  @Column('jsonb') detections!: Detection[];
  @Column('jsonb', { nullable: true }) failure!: executor.FailureView | null;
  /** Set with the status `verifying`. */
  @Column('jsonb', { nullable: true }) ending!: Ending | null;
  /** What it may know and have met, by the actions that have begun. */
  @Column('jsonb') taint!: governance.Taint;
  @Column('text', { nullable: true }) final_answer!: string | null;
  @Column('boolean') pause_requested!: boolean;
  @Column('boolean') cancel_requested!: boolean;
  /** Set with `cancel_requested` where a kill switch asked for it: the failure it ends with. */
  @Column('jsonb', { nullable: true }) stopped!: executor.FailureView | null;
  @Column('boolean') rollback_requested!: boolean;
  /** Somebody who may has let it go on beyond hard limits of its budgets. */
  @Column('boolean') over_budget!: boolean;
  /** Set with a terminal status: effects are left that a rollback could take back. */
  @Column('boolean') undoable!: boolean;
  /** The attempt number of the work it was last written under: a lower one is fenced off. */
  @Column('integer') epoch!: number;
  @Column('integer') last_seq!: number;
  @Column('integer') fact_version!: number;
  @Column('timestamptz') created_at!: Date;
  @Column('timestamptz', { nullable: true }) started_at!: Date | null;
  @Column('timestamptz', { nullable: true }) finished_at!: Date | null;
}
