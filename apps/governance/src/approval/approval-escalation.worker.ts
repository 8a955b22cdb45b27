import { Loop } from '#messaging';
import { Database } from '#persistence';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ApprovalChanges } from './approval.changes.js';

const SWEEP_MS = 1_000;
const BATCH = 100;

/** Tells admins of what waits for too long. Replicas sweep side by side: the conditional update lets one of them win. */
@Injectable()
export class ApprovalEscalationWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ApprovalEscalationWorker.name);
  private readonly loop = new Loop(
    () => this.sweep(),
    SWEEP_MS,
    (error) => this.log.warn({ err: error }),
  );

  constructor(
    private readonly database: Database,
    private readonly changes: ApprovalChanges,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  async sweep(): Promise<void> {
    let due: { id: string; team: string }[];
    do {
      due = await this.database.acrossTeams('approvals that wait for too long, of any team', (tx) =>
        tx.query(
          `SELECT id, team_id AS team FROM approval
           WHERE status = 'pending' AND escalated_at IS NULL AND escalate_at <= clock_timestamp()
             AND expires_at > clock_timestamp()
           ORDER BY escalate_at LIMIT ${BATCH}`,
        ),
      );
      for (const approval of due) {
        await this.database.inTeam(approval, (tx) => this.changes.escalate(tx, approval.id));
      }
    } while (due.length === BATCH);
  }
}
