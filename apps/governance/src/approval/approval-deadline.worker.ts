import { Loop } from '#messaging';
import { Database } from '#persistence';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ApprovalChanges, EXPIRED } from './approval.changes.js';

/** A passed deadline is written down within a second; whoever asks before that is refused all the same. */
const SWEEP_MS = 500;
const BATCH = 100;

/** Ends approvals whose deadline has passed. Replicas sweep side by side: the conditional update lets one of them win. */
@Injectable()
export class ApprovalDeadlineWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ApprovalDeadlineWorker.name);
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
      due = await this.database.acrossTeams('approvals past their deadline, of any team', (tx) =>
        tx.query(
          `SELECT id, team_id AS team FROM approval
           WHERE status IN ('pending', 'approved') AND expires_at <= clock_timestamp() ORDER BY expires_at LIMIT ${BATCH}`,
        ),
      );
      for (const approval of due) {
        await this.database.inTeam(approval, (tx) => this.changes.end(tx, approval.id, EXPIRED));
      }
    } while (due.length === BATCH);
  }
}
