import { type CallContext, governance, invalidInput } from '#contracts';
import { isUuid } from '#kernel';
import { Database, FactLog, once, type Tx } from '#persistence';
import { ENV } from '#service';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Env } from '../env.js';
import { KillProgressWorker } from './kill-progress.worker.js';
import { KillStateWorker } from './kill-state.worker.js';
import { tooManySwitches } from './kill-switch.errors.js';
import { KillSwitchRepository, type KillSwitchRow } from './kill-switch.repository.js';
import {
  acknowledged,
  admittedShare,
  assertReason,
  assertMayKill,
  judgeTarget,
  type KillTarget,
  mayBeMisspelt,
  reasonOrNone,
  type Replica,
  stillStopping,
  unseenText,
} from './kill-switch.rules.js';

/** How long the answer waits for the executors; those that have not heard by then read the state within 0.8 s. */
const ACKNOWLEDGE_MS = 400;
const LOOK_MS = 10;
/** A live message may be lost, so it is sent again. */
const TELL_AGAIN_MS = 100;
const MOST_OPEN = 100;
const PAGE = 50;

/** What people do with kill switches. */
@Injectable()
export class KillSwitchService {
  private readonly stageMs: number;

  constructor(
    private readonly database: Database,
    private readonly switches: KillSwitchRepository,
    private readonly facts: FactLog,
    private readonly state: KillStateWorker,
    private readonly progress: KillProgressWorker,
    @Inject(ENV) { KILL_RELEASE_STAGE_SECONDS }: Pick<Env, 'KILL_RELEASE_STAGE_SECONDS'>,
  ) {
    this.stageMs = KILL_RELEASE_STAGE_SECONDS * 1_000;
  }

  /**
   * Blocks admission, tells every executor and waits until all have acknowledged, at most 0.4 s; cancelling and
   * confirming go on without the caller. A target that is stopped already stays so, under the switch there
   * is and as it was first asked for; of one that is being released this is a new request.
   * @throws AppError `kill_switch.scope_refused`, `kill_switch.scope_incomplete`, `kill_switch.too_many`, `input.invalid`
   */
  async engage(ctx: CallContext, input: governance.EngageKillSwitch): Promise<governance.KillSwitchView> {
    const target = judgeTarget(ctx, input);
    assertReason(input);
    const acting = { ...ctx, team: target.team };
    const { id } = await this.database.inTeam(acting, (tx) =>
      once(tx, acting, input, async () => ({ id: await this.write(tx, acting, target, input) })),
    );
    await this.state.changed();
    const row = await this.database.inTeam(acting, (tx) => this.switches.get(tx, id));
    await this.obeyed(row.epoch);
    this.progress.wake();
    return this.viewOf(acting, row);
  }

  /**
   * Begins to let in by stages; asked again, nothing changes.
   * @throws AppError `kill_switch.not_found`, `kill_switch.scope_refused`
   */
  async release(ctx: CallContext, input: governance.ReleaseKillSwitch): Promise<governance.KillSwitchView> {
    const { id, reason, team_id: team = ctx.team } = input;
    assertMayKill(ctx, { scope: 'team', team });
    const row = await this.database.inTeam({ team }, async (tx) => {
      await this.switches.nextEpoch(tx);
      const found = await this.switches.get(tx, id);
      assertMayKill(ctx, { scope: found.scope, team });
      return (await this.switches.beginRelease(tx, found, ctx.principal, reasonOrNone(reason), this.stageMs)) ?? found;
    });
    await this.state.changed();
    this.progress.wake();
    return this.viewOf({ team }, row);
  }

  /** @throws AppError `input.invalid` for a cursor that is none */
  async list(ctx: CallContext, input: governance.ListKillSwitches): Promise<governance.KillSwitchPage> {
    const { status, cursor, limit = PAGE } = input;
    if (cursor !== undefined && !isUuid(cursor)) {
      throw invalidInput([{ path: '/cursor', message: 'must be the next_cursor of the page before' }]);
    }
    const { epoch, rows, unseen } = await this.database.inTeam(ctx, async (tx) => {
      const epoch = await this.switches.epoch(tx);
      const rows = await this.switches.list(tx, { status, before: cursor, limit: limit + 1 });
      return { epoch, rows, unseen: await this.switches.unseen(tx, rows.filter(mayBeMisspelt)) };
    });
    const replicas = await this.state.replicas();
    const items = await Promise.all(rows.slice(0, limit).map((row) => this.view(row, replicas, unseen)));
    return { epoch, items, next_cursor: rows.length > limit ? items.at(-1)!.id : null };
  }

  report(input: governance.ReportExecutor): Promise<governance.KillStateAnswer> {
    return this.state.report(input);
  }

  private async write(
    tx: Tx,
    ctx: CallContext,
    target: KillTarget,
    { reason, rehearsal = false }: governance.EngageKillSwitch,
  ): Promise<string> {
    const epoch = await this.switches.nextEpoch(tx);
    const open = rehearsal ? null : await this.switches.open(tx, target);
    if (open?.status === 'engaged') return open.id;
    if (!open && (await this.switches.countOpen(tx)) >= MOST_OPEN) throw tooManySwitches(MOST_OPEN);
    const { principal: requested_by, on_behalf_of } = ctx;
    const row = open
      ? (await this.switches.reengage(tx, open, ctx.team, { epoch, reason, requested_by, on_behalf_of }))!
      : await this.switches.insert(tx, target, { rehearsal, epoch, reason, requested_by, on_behalf_of });
    await this.facts.append(tx, ctx, governance.killRequested, {
      aggregate_id: row.id,
      version: row.fact_version,
      body: {
        kill_switch_id: row.id,
        scope: target.scope,
        target: target.target,
        rehearsal,
        reason: row.reason,
        epoch,
      },
    });
    return row.id;
  }

  private async obeyed(epoch: number): Promise<void> {
    const end = performance.now() + ACKNOWLEDGE_MS;
    for (let told = performance.now(); performance.now() < end; await delay(LOOK_MS)) {
      const replicas = await this.state.replicas();
      if (acknowledged({ epoch }, replicas).length === replicas.length) return;
      if (performance.now() - told < TELL_AGAIN_MS) continue;
      this.state.tell();
      told = performance.now();
    }
  }

  private async viewOf(of: Pick<CallContext, 'team'>, row: KillSwitchRow): Promise<governance.KillSwitchView> {
    const unseen = await this.database.inTeam(of, (tx) => this.switches.unseen(tx, [row].filter(mayBeMisspelt)));
    return this.view(row, await this.state.replicas(), unseen);
  }

  private async view(
    row: KillSwitchRow,
    replicas: readonly Replica[],
    unseen: ReadonlySet<string>,
  ): Promise<governance.KillSwitchView> {
    const { id, scope, team, target, status, rehearsal, reason, epoch } = row;
    const stopping =
      row.would_stop ?? (row.confirmed_at || status !== 'engaged' ? NOTHING : await this.stopping(row, replicas));
    return {
      ...{ id, scope, status, rehearsal, reason, epoch, stopping },
      team_id: scope === 'all' ? null : team,
      agent_id: scope === 'agent' ? target : null,
      tool: scope === 'tool' ? target : null,
      admitted_share: admittedShare(row),
      requested_by: row.requested_by,
      requested_at: row.requested_at.toISOString(),
      confirmed_at: row.confirmed_at?.toISOString() ?? null,
      released_by: row.released_by,
      released_at: row.released_at?.toISOString() ?? null,
      executors: { alive: replicas.length, acknowledged: acknowledged(row, replicas).length },
      warning: unseen.has(id) && stopping.executions === 0 ? unseenText(row) : null,
    };
  }

  private async stopping(row: KillSwitchRow, replicas: readonly Replica[]): Promise<governance.KillCount> {
    const approvals = await this.progress.approvalsOf(row);
    return { executions: stillStopping(row, replicas), approvals: approvals.length };
  }
}

const NOTHING: governance.KillCount = { executions: 0, approvals: 0 };
