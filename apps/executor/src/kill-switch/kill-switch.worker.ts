import { type CallContext, governance, parseMessage } from '#contracts';
import { isAppError } from '#kernel';
import { Bus, Loop } from '#messaging';
import { Database } from '#persistence';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { RequestService } from '../execution/request.service.js';
import { WorkSignal } from '../work/work.repository.js';
import { stoppedBy } from './kill-switch.errors.js';
import { KillSwitchGate } from './kill-switch.gate.js';

const SWEEP_MS = 500;
const BATCH = 100;
/** An action that has begun or may still begin. */
const OPEN_ACTIONS = ['proposed', 'awaiting_approval', 'authorised', 'started', 'undoing'];

/** SQL: whether a run is of an order's scope. $1 scope, $2 team, $3 target. */
const IN_SCOPE = `($1 = 'all' OR team_id = $2) AND ($1 <> 'agent' OR $3 IN (agent_id, playbook->>'name'))
  AND ($1 <> 'tool' OR EXISTS (
    SELECT FROM action WHERE action.execution_id = execution.id AND action.status = ANY($4)
      AND $3 IN (action.tool, regexp_replace(action.tool, '@v\\d+$', ''))))`;
const scopeOf = ({ scope, team, target }: governance.KillOrder): unknown[] => [scope, team, target, OPEN_ACTIONS];

/**
 * Keeps the gate fresh, and cancels what runs in the scope of an engaged switch. It starts from what governance says and
 * what the rows say, in every process and twice a second, so whatever dies meanwhile is made up for by the next round.
 */
@Injectable()
export class KillSwitchWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(KillSwitchWorker.name);
  private readonly loop = new Loop(
    () => this.sweep(),
    SWEEP_MS,
    (error) => this.log.warn({ err: error }),
  );
  private stopWatching: () => void = () => undefined;
  /** The newest state whose runs were all told to stop. */
  private carriedOut = 0;

  constructor(
    private readonly gate: KillSwitchGate,
    private readonly bus: Bus,
    private readonly database: Database,
    private readonly requests: RequestService,
    private readonly signal: WorkSignal,
  ) {}

  onApplicationBootstrap(): void {
    this.stopWatching = this.bus.watch(governance.killStateChanged, [governance.EVERY_TEAM], (said) => this.hear(said));
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopWatching();
    await this.loop.stop();
  }

  async sweep(): Promise<void> {
    await this.gate.read();
    const { epoch, orders } = this.gate.current;
    if (orders.length === 0) return this.gate.counted({});
    for (const order of orders) if (order.status === 'engaged' && !order.rehearsal) await this.stop(order);
    if (epoch !== this.carriedOut) this.signal.wake(); // programs of runs that another process has cancelled stop, too
    this.carriedOut = epoch;
    this.gate.counted(await this.count(orders));
    await this.gate.read();
  }

  private hear(said: governance.KillState): void {
    try {
      if (this.gate.hear(parseMessage(governance.KillState, said))) this.loop.wake();
    } catch (error) {
      this.log.warn({ err: error, what: 'a state of kill switches that is none' });
    }
  }

  /** Every run of the scope that has passed admission is cancelled in the name of whoever engaged the switch. */
  private async stop(order: governance.KillOrder): Promise<void> {
    const { requested_by: principal } = order;
    const reason = governance.refusalText(order);
    const stopped = stoppedBy(order);
    for (let after = null as string | null; ;) {
      const found: { id: string; team: string }[] = await this.database.acrossTeams('runs of any team', (tx) =>
        tx.query(
          `SELECT id, team_id AS team FROM execution
           WHERE finished_at IS NULL AND status NOT IN ('submitted', 'verifying') AND NOT cancel_requested
             AND NOT rollback_requested AND ${IN_SCOPE} AND ($5::uuid IS NULL OR id > $5) ORDER BY id LIMIT ${BATCH}`,
          [...scopeOf(order), after],
        ),
      );
      for (const { id: execution_id, team } of found) {
        const ctx: CallContext = { team, principal, on_behalf_of: principal, roles: [] };
        await this.requests.ask(ctx, 'cancel', { execution_id, reason }, stopped).catch(unlessEnded);
      }
      if (found.length < BATCH) return;
      after = found.at(-1)!.id;
    }
  }

  /** Runs of each scope that have passed admission and have not ended. */
  private async count(orders: readonly governance.KillOrder[]): Promise<Record<string, number>> {
    const counts: [string, number][] = [];
    for (const order of orders) {
      const [{ n }] = await this.database.acrossTeams('runs of any team', (tx) =>
        tx.query(
          `SELECT count(*)::integer AS n FROM execution
           WHERE finished_at IS NULL AND status <> 'submitted' AND ${IN_SCOPE}`,
          scopeOf(order),
        ),
      );
      counts.push([order.id, n]);
    }
    return Object.fromEntries(counts);
  }
}

/** It came to its end by itself meanwhile. */
const unlessEnded = (error: unknown): void => {
  if (!isAppError(error) || !error.code.startsWith('execution.')) throw error;
};
