import type { Tx } from '#persistence';
import { redact } from '#trace';
import { Injectable } from '@nestjs/common';
import type { PolicyDecision, PolicyRequest } from './policy.types.js';
import type { RecordedInput } from './trial.types.js';

/** Newest inputs of a team that are kept and replayed. */
export const KEPT_INPUTS = 10_000;
/** Older ones go when a row with a number divisible by it is written: seldom, and by nobody in particular. */
const TRIM_EVERY = 256;

export interface NewInput {
  team: string;
  execution_id: string;
  step: number;
  index: number;
  /** As it was asked, without approvers. */
  request: PolicyRequest;
  inexact: boolean;
  decided: Pick<PolicyDecision, 'decision' | 'tier_needed' | 'determining_policies' | 'policy_epoch'>;
}

const COLUMNS =
  'team_id, execution_id, step, index, request, inexact, decision, tier_needed, determining_policies, policy_epoch';

/** Names of files may be telling; policy saw them as they are. */
const withoutSecrets = (request: PolicyRequest): PolicyRequest => {
  const { target } = request;
  return 'paths' in target ? { ...request, target: { ...target, paths: redact(target.paths).value } } : request;
};

/** What was decided lately, one row per action key; the first record of an action stays. */
@Injectable()
export class PolicyInputRepository {
  record(tx: Tx, input: NewInput): Promise<void> {
    return this.recordAll(tx, [input]);
  }

  async recordAll(tx: Tx, inputs: NewInput[]): Promise<void> {
    const rows = inputs.map(({ team: team_id, request, decided, ...input }) => {
      const { decision, tier_needed, determining_policies, policy_epoch } = decided;
      return {
        team_id,
        ...input,
        request: withoutSecrets(request),
        decision,
        tier_needed,
        determining_policies,
        policy_epoch,
      };
    });
    const written: { position: string; team_id: string }[] = await tx.query(
      `INSERT INTO policy_input (${COLUMNS}) SELECT ${COLUMNS} FROM jsonb_populate_recordset(NULL::policy_input, $1)
       ON CONFLICT DO NOTHING RETURNING position, team_id`,
      [JSON.stringify(rows)],
    );
    const due = written.find(({ position }) => Number(position) % TRIM_EVERY === 0);
    if (due) await this.trim(tx, due.team_id);
  }

  /** Newest first. */
  async newest(tx: Tx): Promise<RecordedInput[]> {
    const rows = await tx.query(
      `SELECT execution_id, step, index, at, request, inexact FROM policy_input ORDER BY position DESC LIMIT $1`,
      [KEPT_INPUTS],
    );
    return rows.map((row: RecordedInput & { at: Date }) => ({ ...row, at: row.at.toISOString() }));
  }

  /** Drops what is beyond the newest `KEPT_INPUTS`. */
  async trim(tx: Tx, team: string): Promise<void> {
    await tx.query(
      `DELETE FROM policy_input WHERE team_id = $1 AND position <=
         (SELECT position FROM policy_input WHERE team_id = $1 ORDER BY position DESC OFFSET $2 LIMIT 1)`,
      [team, KEPT_INPUTS],
    );
  }
}
