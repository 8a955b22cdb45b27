import { governance } from '#contracts';
import { Bus, Loop } from '#messaging';
import { Database, type Tx } from '#persistence';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { stateUnknown } from './kill-switch.errors.js';
import { admittedShare, type Replica } from './kill-switch.rules.js';

const REFRESH_MS = 500;
/** What was read longer ago is read again before anybody is let in by it. */
const FRESH_MS = 800;
/** A process that was silent for longer lets nothing begin by itself, and is not waited for. */
const ALIVE_MS = 3_000;
const FORGOTTEN = '1 hour';

/** What is engaged in every team, as this process last read it, and who obeys it. */
@Injectable()
export class KillStateWorker implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(KillStateWorker.name);
  private readonly loop = new Loop(
    () => this.refresh(),
    REFRESH_MS,
    (error) => this.log.warn({ err: error }),
  );
  private state: governance.KillState = { epoch: 0, orders: [] };
  /** On the monotonic clock, before the read it comes from was sent. */
  private readAt = -Infinity;

  constructor(
    private readonly database: Database,
    private readonly bus: Bus,
  ) {}

  /** Nobody is answered before it is known. */
  onModuleInit(): Promise<void> {
    return this.refresh();
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** The switch that refuses a subject, as far as this process knows. */
  against(subject: governance.KillSubject): governance.KillOrder | null {
    return governance.orderAgainst(this.state.orders, subject);
  }

  /**
   * Resolves once what `against` goes by is younger than 0.8 s.
   * @throws AppError `kill_switch.unknown`, retryable
   */
  async fresh(): Promise<void> {
    if (performance.now() - this.readAt <= FRESH_MS) return;
    await this.refresh().catch((error: unknown) => {
      throw stateUnknown(error);
    });
  }

  /** After the commit of a change: this process goes by it, and every executor hears of it. */
  async changed(): Promise<void> {
    await this.refresh();
    this.tell();
  }

  tell(): void {
    this.bus.show(governance.killStateChanged, [governance.EVERY_TEAM], this.state);
  }

  /** Takes down what an executor says of itself; answers what it does not know. */
  report({ replica, epoch, stopping }: governance.ReportExecutor): Promise<governance.KillStateAnswer> {
    return this.database.acrossTeams('an executor works for every team', async (tx) => {
      await tx.query(
        `INSERT INTO executor_replica (id, epoch, stopping) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET epoch = EXCLUDED.epoch, stopping = EXCLUDED.stopping,
           seen_at = clock_timestamp()`,
        [replica, epoch, JSON.stringify(stopping)],
      );
      const [row] = await tx.query(`SELECT epoch FROM kill_epoch`);
      if (row.epoch === epoch) return { epoch, state: null };
      const state = await readState(tx);
      return { epoch: state.epoch, state };
    });
  }

  /** Executor processes that are alive. */
  replicas(): Promise<Replica[]> {
    return this.database.acrossTeams('an executor works for every team', async (tx) => {
      await tx.query(`DELETE FROM executor_replica WHERE seen_at < clock_timestamp() - interval '${FORGOTTEN}'`);
      return tx.query(
        `SELECT epoch, stopping FROM executor_replica
         WHERE seen_at > clock_timestamp() - interval '${ALIVE_MS} milliseconds'`,
      );
    });
  }

  private async refresh(): Promise<void> {
    const asked = performance.now();
    const state = await this.database.acrossTeams('switches of every team', readState);
    if (state.epoch < this.state.epoch) return;
    this.state = state;
    this.readAt = asked;
  }
}

/** One statement, so that epoch and switches are of one moment. */
const readState = async (tx: Tx): Promise<governance.KillState> => {
  const columns = 'id, scope, target, status, rehearsal, stage, epoch, reason, requested_by';
  const [{ epoch, rows }] = await tx.query(
    `SELECT epoch, (SELECT coalesce(jsonb_agg(open), '[]') FROM (
       SELECT ${columns}, team_id AS team FROM kill_switch WHERE status <> 'released'
       UNION ALL SELECT ${columns}, NULL FROM installation_kill_switch WHERE status <> 'released') AS open) AS rows
     FROM kill_epoch`,
  );
  const order = ({ stage, ...open }: governance.KillOrder & { stage: number }): governance.KillOrder => ({
    ...open,
    admitted_share: admittedShare({ ...open, stage }),
  });
  return { epoch, orders: rows.map(order) };
};
