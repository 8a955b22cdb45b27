import { Loop } from '#messaging';
import { Database } from '#persistence';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { BudgetRepository, END } from './budget.repository.js';

const SWEEP_MS = 60_000;
const BATCH = 500;
/** How old a reservation is before it can be one that came too late. */
const LATE = '1 minute';
/** Longer than any repeat of a call is still under way. */
const KEPT = '30 days';

/**
 * Settles what was reserved for a run after its end was heard of, by an executor that did not know yet that it had lost the
 * run, and forgets what was settled long ago. Any number of processes may do it.
 */
@Injectable()
export class ReservationWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ReservationWorker.name);
  private readonly loop = new Loop(
    () => this.sweep(),
    SWEEP_MS,
    (error) => this.log.warn({ err: error }),
  );

  constructor(
    private readonly database: Database,
    private readonly budgets: BudgetRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  async sweep(): Promise<void> {
    while ((await this.settleLate()) === BATCH);
    while ((await this.forget()) === BATCH);
  }

  private async settleLate(): Promise<number> {
    const ended: { id: string; team: string }[] = await this.database.acrossTeams('reservations of any team', (tx) =>
      tx.query(
        `SELECT DISTINCT open.execution_id AS id, open.team_id AS team FROM reservation AS open
         JOIN reservation AS ended ON ended.team_id = open.team_id AND ended.key = open.execution_id || '${END}'
         WHERE NOT open.settled AND open.at < clock_timestamp() - interval '${LATE}' LIMIT ${BATCH}`,
      ),
    );
    for (const run of ended) await this.database.inTeam(run, (tx) => this.budgets.settleRest(tx, run.id));
    return ended.length;
  }

  private forget(): Promise<number> {
    return this.database.acrossTeams('reservations past their time, of any team', async (tx) => {
      const [, count] = await tx.query(
        `DELETE FROM reservation WHERE (team_id, key) IN (
           SELECT team_id, key FROM reservation
           WHERE settled AND at < clock_timestamp() - interval '${KEPT}' LIMIT ${BATCH})`,
      );
      return count as number;
    });
  }
}
