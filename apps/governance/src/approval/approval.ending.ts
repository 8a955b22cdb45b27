import { type CallContext, governance, type Principal } from '#contracts';
import { FactLog, type Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { ApprovalRepository } from './approval.repository.js';
import { approvalFact } from './approval.view.js';

export interface ApprovalEnd {
  status: governance.ApprovalDecided['status'];
  /** The people whose word it was; empty when the clock or the run decided. */
  by: Principal[];
  reason: string | null;
}

export const EXPIRED: ApprovalEnd = { status: 'expired', by: [], reason: 'The deadline has passed.' };
const WITHDRAWN: ApprovalEnd = { status: 'withdrawn', by: [], reason: 'The run ended before it was decided.' };

/** Every end of an approval is one conditional update and one fact. */
@Injectable()
export class ApprovalEnding {
  constructor(
    private readonly approvals: ApprovalRepository,
    private readonly facts: FactLog,
  ) {}

  /**
   * False, and nothing written, when the approval had ended before. `ctx`: whose call ends it; absent, nobody's, and
   * the fact carries the context of the request.
   */
  async end(tx: Tx, id: string, { status, by, reason }: ApprovalEnd, ctx?: CallContext): Promise<boolean> {
    const ended = await this.approvals.end(tx, id, status);
    if (!ended) return false;
    const { team_id: team, requested_by: principal, on_behalf_of, trace } = ended;
    const asRequested: CallContext = { team, principal, on_behalf_of, roles: [], ...(trace && { trace }) };
    await this.facts.append(tx, ctx ?? asRequested, governance.approvalDecided, {
      aggregate_id: ended.id,
      version: ended.fact_version,
      body: { ...approvalFact(ended), status, by, reason },
    });
    return true;
  }

  /** Nobody needs to answer for a run that is over. What was approved already is left to its deadline. */
  async withdrawAll(tx: Tx, executionId: string): Promise<void> {
    for (const id of await this.approvals.pendingOf(tx, executionId)) await this.end(tx, id, WITHDRAWN);
  }
}
