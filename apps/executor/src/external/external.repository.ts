import { governance } from '#contracts';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { NO_TAINT } from '../action/taint.rules.js';
import { joined } from './external.rules.js';

/** An agent elsewhere has no run that ends, so what it may know is forgotten this long after its last action. */
const FORGOTTEN_AFTER = '24 hours';
const SENDS = Object.keys(governance.TOOL_TRAITS).filter((tool) => governance.traitsOf(tool).sends);

/** What agents that run elsewhere may know, over all their actions. */
@Injectable()
export class ExternalRepository {
  /** What the agent may know before an action, and whether another one that it has asked about sends something. */
  async taintOf(tx: Tx, agentId: string, executionId: string): Promise<governance.Taint> {
    const known = await this.known(tx, agentId, '');
    const [{ pending }] = await tx.query(
      `SELECT EXISTS (
         SELECT FROM execution JOIN action ON action.execution_id = execution.id
         WHERE execution.agent_id = $1 AND execution.status = 'awaiting_approval' AND execution.id <> $2
           AND split_part(action.tool, '@', 1) = ANY($3)) AS pending`,
      [agentId, executionId, SENDS],
    );
    return { ...known, external_send_pending: pending };
  }

  /** The same, and from here to the end of the transaction nobody else adds to it. */
  async lock(tx: Tx, agentId: string, team: string): Promise<governance.Taint> {
    await tx.query(`INSERT INTO external_agent (team_id, agent_id, taint) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, [
      team,
      agentId,
      JSON.stringify(NO_TAINT),
    ]);
    return this.known(tx, agentId, 'FOR UPDATE');
  }

  /** Of a locked agent. */
  async add(tx: Tx, agentId: string, taint: governance.Taint): Promise<void> {
    const known = await this.known(tx, agentId, '');
    const now = { ...joined(known, taint), external_send_pending: false };
    await tx.query(`UPDATE external_agent SET taint = $2, at = clock_timestamp() WHERE agent_id = $1`, [
      agentId,
      JSON.stringify(now),
    ]);
  }

  private async known(tx: Tx, agentId: string, locking: '' | 'FOR UPDATE'): Promise<governance.Taint> {
    const [row] = await tx.query(
      `SELECT taint, at > clock_timestamp() - interval '${FORGOTTEN_AFTER}' AS recent
       FROM external_agent WHERE agent_id = $1 ${locking}`,
      [agentId],
    );
    return row?.recent ? row.taint : NO_TAINT;
  }
}
