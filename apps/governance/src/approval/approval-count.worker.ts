import { Loop } from '#messaging';
import { Database } from '#persistence';
import { TrackedGauge } from '#telemetry';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

const COUNT_MS = 5_000;

const waiting = new TrackedGauge(
  'spectrace_governance_waiting_approvals',
  'Approvals that wait for people, in all teams; every replica says the same.',
);

/** Counts the approvals that wait, for whoever watches the suite. */
@Injectable()
export class ApprovalCountWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ApprovalCountWorker.name);
  private count = 0;
  private untrack: () => void = () => undefined;
  private readonly loop = new Loop(
    () => this.look(),
    COUNT_MS,
    (error) => this.log.warn({ err: error }),
  );

  constructor(private readonly database: Database) {}

  onApplicationBootstrap(): void {
    this.untrack = waiting.track(() => [{ labels: {}, value: this.count }]);
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.untrack();
    await this.loop.stop();
  }

  async look(): Promise<void> {
    const [{ count }] = await this.database.acrossTeams('how many approvals wait, of any team', (tx) =>
      // By the index of those that are open, in which approved ones are few.
      tx.query(
        `SELECT count(*)::integer AS count FROM approval WHERE status IN ('pending', 'approved') AND status = 'pending'`,
      ),
    );
    this.count = count;
  }
}
