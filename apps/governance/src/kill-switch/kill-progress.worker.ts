import { type CallContext, governance } from '#contracts';
import { Loop } from '#messaging';
import { Database, FactLog, type Tx } from '#persistence';
import { ENV } from '#service';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ApprovalChanges } from '../approval/approval.changes.js';
import type { Env } from '../env.js';
import { KillStateWorker } from './kill-state.worker.js';
import { KillSwitchRepository, type KillSwitchRow } from './kill-switch.repository.js';
import { acknowledged, isConfirmed, LAST_STAGE, type Replica, stillStopping } from './kill-switch.rules.js';

const SWEEP_MS = 250;
/** An approval that was asked for by an answer from before may come so long after everything was stopped. */
const LATE = '5 seconds';

/**
 * Carries out what is engaged or being released: withdraws approvals, confirms, lets in by stages. It starts from rows,
 * so it does not matter which process takes part or has died. Every step is one conditional update: one of many wins.
 */
@Injectable()
export class KillProgressWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(KillProgressWorker.name);
  private readonly loop = new Loop(
    () => this.sweep(),
    SWEEP_MS,
    (error) => this.log.warn({ err: error }),
  );
  private readonly stageMs: number;

  constructor(
    private readonly database: Database,
    private readonly state: KillStateWorker,
    private readonly switches: KillSwitchRepository,
    private readonly approvals: ApprovalChanges,
    private readonly facts: FactLog,
    @Inject(ENV) { KILL_RELEASE_STAGE_SECONDS }: Pick<Env, 'KILL_RELEASE_STAGE_SECONDS'>,
  ) {
    this.stageMs = KILL_RELEASE_STAGE_SECONDS * 1_000;
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  wake(): void {
    this.loop.wake();
  }

  async sweep(): Promise<void> {
    const moving = (table: string, team: string): string =>
      `SELECT id, ${team} AS team FROM ${table} WHERE (status = 'releasing' AND stage_due <= clock_timestamp())
         OR (status = 'engaged' AND (confirmed_at IS NULL OR confirmed_at > clock_timestamp() - interval '${LATE}'))`;
    const found: { id: string; team: string }[] = await this.database.acrossTeams('switches of every team', (tx) =>
      tx.query(`${moving('kill_switch', 'team_id')} UNION ALL ${moving('installation_kill_switch', 'asked_in')}`),
    );
    if (found.length === 0) return;
    const replicas = await this.state.replicas();
    for (const one of found) {
      const row = await this.database.inTeam(one, (tx) => this.switches.get(tx, one.id));
      if (row.status === 'releasing') await this.release(row);
      else await this.stop(row, replicas);
    }
  }

  /** Approvals of its scope that nobody has answered, of whatever team. */
  approvalsOf({
    scope,
    team,
    target,
  }: Pick<KillSwitchRow, 'scope' | 'team' | 'target'>): Promise<{ id: string; team: string }[]> {
    return this.database.acrossTeams('approvals of any team', (tx) =>
      tx.query(
        `SELECT id, team_id AS team FROM approval
         WHERE status = 'pending' AND ($1 = 'all' OR team_id = $2)
           AND ($1 <> 'agent' OR $3 IN (request->>'agent_id', request->>'playbook'))
           AND ($1 <> 'tool' OR $3 IN (request->>'tool', regexp_replace(request->>'tool', '@v\\d+$', '')))`,
        [scope, team, target],
      ),
    );
  }

  private async stop(row: KillSwitchRow, replicas: readonly Replica[]): Promise<void> {
    const approvals = await this.approvalsOf(row);
    if (!row.rehearsal) {
      for (const one of approvals) {
        await this.database.inTeam(one, (tx) => this.approvals.end(tx, one.id, WITHDRAWN));
      }
    }
    const waiting = row.rehearsal ? approvals.length : (await this.approvalsOf(row)).length;
    if (row.confirmed_at || !isConfirmed(row, replicas, waiting)) return;
    const counted = { executions: stillStopping(row, replicas), approvals: waiting };
    await this.change(row, async (tx) => {
      const confirmed = await this.switches.confirm(tx, row, counted);
      if (!confirmed) return;
      await this.facts.append(tx, contextOf(confirmed), governance.killConfirmed, {
        aggregate_id: row.id,
        version: confirmed.fact_version,
        body: {
          kill_switch_id: row.id,
          rehearsal: row.rehearsal,
          executors: acknowledged(row, replicas).length,
          would_stop: confirmed.would_stop,
        },
      });
    });
  }

  private release(row: KillSwitchRow): Promise<void> {
    return this.change(row, async (tx) => {
      if (row.stage < LAST_STAGE) return void (await this.switches.nextStage(tx, row, this.stageMs));
      const released = await this.switches.release(tx, row);
      if (!released) return;
      await this.facts.append(tx, contextOf(released), governance.killReleased, {
        aggregate_id: row.id,
        version: released.fact_version,
        body: { kill_switch_id: row.id, rehearsal: row.rehearsal },
      });
    });
  }

  /** What executors go by may have changed with it. */
  private async change(row: KillSwitchRow, work: (tx: Tx) => Promise<void>): Promise<void> {
    await this.database.inTeam(row, async (tx) => {
      await this.switches.nextEpoch(tx);
      await work(tx);
    });
    await this.state.changed();
  }
}

const WITHDRAWN = {
  status: 'withdrawn' as const,
  by: [],
  reason: 'A kill switch was engaged before it was decided.',
};

/** Nobody's call: the facts carry the context of the request. */
const contextOf = ({ team, requested_by: principal, on_behalf_of }: KillSwitchRow): CallContext => ({
  team,
  principal,
  on_behalf_of,
  roles: [],
});
