import { governance } from '#contracts';
import { Bus } from '#messaging';
import { Database } from '#persistence';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { WorkRepository } from '../work/work.repository.js';

/** The same for the view and the fact of one answer, so that whichever comes second wakes nobody. */
export const answerText = ({ approval_id, status }: { approval_id: string; status: string }): string =>
  `${approval_id} ${status}`;

/**
 * Wakes a run as soon as its approval has ended. Best effort: the fact of the same answer wakes it in any case, and of
 * several executors that see the view one does.
 */
@Injectable()
export class ApprovalWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ApprovalWatch.name);
  private unwatch: () => void = () => undefined;

  constructor(
    private readonly bus: Bus,
    private readonly database: Database,
    private readonly work: WorkRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.unwatch = this.bus.watch(governance.approvalAnswered, ['*', '*'], (answered) => {
      this.wake(answered).catch((error: unknown) => this.log.warn({ err: error }));
    });
  }

  onApplicationShutdown(): void {
    this.unwatch();
  }

  private wake(answered: governance.ApprovalAnswered): Promise<void> {
    return this.database.inTeam(answered, async (tx) => {
      // What a crash of the database forgets of it, the fact tells again.
      await tx.query(`SET LOCAL synchronous_commit = off`);
      await this.work.wake(tx, answered.execution_id, answerText(answered), answered.trace);
    });
  }
}
