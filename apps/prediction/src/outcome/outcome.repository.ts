import type { executor } from '#contracts';
import type { Heard } from '#messaging';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import type { OutcomeCounts, PredictionInput } from '../prediction/prediction.types.js';
import type { CountsAs } from './outcome.rules.js';

/** Ended runs that count, the newest of the agent and of the team; older ones say little and would cost time. */
const NEWEST = 1_000;

const COUNTS = `count(*)::integer AS finished,
  count(*) FILTER (WHERE counts_as = 'failed')::integer AS failed,
  count(*) FILTER (WHERE counts_as = 'deviated')::integer AS deviated`;

/** How runs ended: one row an execution, told by the executor's facts. */
@Injectable()
export class OutcomeRepository {
  /** A later fact about the same execution replaces the earlier one, an earlier one that comes late changes nothing. */
  async record(tx: Tx, heard: Heard<executor.ExecutionFinished>, counts: CountsAs): Promise<void> {
    const { execution_id, agent_id, status, failure, risk_score } = heard.body;
    await tx.query(
      `INSERT INTO outcome (team_id, execution_id, agent_id, status, failure_code, risk_score, counts_as, version, ended_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (team_id, execution_id) DO UPDATE
       SET (agent_id, status, failure_code, risk_score, counts_as, version, ended_at) =
         (excluded.agent_id, excluded.status, excluded.failure_code, excluded.risk_score, excluded.counts_as,
          excluded.version, excluded.ended_at)
       WHERE outcome.version < excluded.version`,
      [heard.team, execution_id, agent_id, status, failure?.code ?? null, risk_score, counts, heard.version, heard.at],
    );
  }

  /** Counts of the agent (zero without one), its team's as `base`. Execution ids are UUIDv7: their order is time. */
  async history(tx: Tx, agentId: string | null): Promise<NonNullable<PredictionInput['history']>> {
    const [{ own, base }]: [{ own: OutcomeCounts; base: OutcomeCounts }] = await tx.query(
      `WITH own AS (
         SELECT counts_as FROM outcome WHERE agent_id = $1 AND counts_as <> 'nothing'
         ORDER BY execution_id DESC LIMIT ${NEWEST}
       ), base AS (
         SELECT counts_as FROM outcome WHERE counts_as <> 'nothing' ORDER BY execution_id DESC LIMIT ${NEWEST}
       )
       SELECT (SELECT to_jsonb(one) FROM (SELECT ${COUNTS} FROM own) AS one) AS own,
              (SELECT to_jsonb(one) FROM (SELECT ${COUNTS} FROM base) AS one) AS base`,
      [agentId],
    );
    return { ...own, base };
  }
}
