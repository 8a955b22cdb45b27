import type { CallContext, governance } from '#contracts';
import { Database } from '#persistence';
import { Injectable } from '@nestjs/common';
import { tierApprovers } from '../approval/approval.rules.js';
import { KillStateWorker } from '../kill-switch/kill-state.worker.js';
import { KillSwitchService } from '../kill-switch/kill-switch.service.js';
import { PolicyBook } from '../policy/policy-book.js';

const MOST_SHOWN = 200;
const MEANINGS = {
  1: 'The agent acts by itself.',
  2: 'One person has to approve.',
  3: 'Two different people have to approve.',
} as const;

/** How far agents go by themselves, from everything that says so. */
@Injectable()
export class AutonomyService {
  constructor(
    private readonly database: Database,
    private readonly book: PolicyBook,
    private readonly switches: KillSwitchService,
    private readonly state: KillStateWorker,
  ) {}

  async status(ctx: CallContext): Promise<governance.AutonomyStatus> {
    const counts: { tier: number; n: number }[] = await this.database.inTeam(ctx, (tx) =>
      tx.query(
        `SELECT tier_needed AS tier, count(*)::integer AS n FROM approval WHERE status = 'pending' GROUP BY tier_needed`,
      ),
    );
    const pending = new Map(counts.map(({ tier, n }) => [tier, n]));
    const { epoch, items } = await this.switches.list(ctx, { limit: MOST_SHOWN });
    return {
      policy_epoch: this.book.epochOf(ctx.team) ?? this.book.epoch,
      kill_epoch: epoch,
      tiers: ([1, 2, 3] as const).map((tier) => ({
        tier,
        approvers: tierApprovers(tier),
        meaning: MEANINGS[tier],
        pending: pending.get(tier) ?? 0,
      })),
      pending_approvals: counts.reduce((sum, { n }) => sum + n, 0),
      kill_switches: items,
      executors_alive: (await this.state.replicas()).length,
    };
  }
}
