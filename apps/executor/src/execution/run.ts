import type { CallContext, executor, governance } from '#contracts';
import { AppError } from '#kernel';
import type { Database, Tx } from '#persistence';
import type { WorkspaceRoot } from '#snapshots';
import type { JournalEntry } from '../journal/journal.entry.js';
import type { ExecutionPatch, Journal, Writer } from '../journal/journal.js';
import type { WorkItem } from '../work/work-source.js';
import type { Execution } from './execution.entity.js';

/** What reaches a drive from outside. */
export interface RunSignals {
  /** The lease is lost or the process stops: the run goes on elsewhere or later. */
  lost: AbortSignal;
  /** People want the run to end: what is under way stops. */
  stop: AbortSignal;
}

const interrupted = (): AppError =>
  new AppError('execution.interrupted', 'The run stops here and goes on with another claim.', { retryable: true });

/** One claim of one execution: who it acts for, under which attempt number, and the row as last seen. */
export class Run {
  readonly ctx: CallContext;
  readonly writer: Writer;
  /** Set once the run may touch its workspace. */
  root: WorkspaceRoot | null = null;
  /** Of what it has a budget, as governance said last; null before it did. */
  limited: ReadonlySet<governance.BudgetDimension> | null = null;
  /** Milliseconds the next tool was given by its budget; null: it has its own limit alone. */
  wallMs: number | null = null;
  /** Something else that the turn under way is still to do carries data out. */
  isSendPending = false;

  constructor(
    private readonly database: Database,
    private readonly journal: Journal,
    public execution: Execution,
    readonly item: WorkItem,
    readonly signals: RunSignals,
  ) {
    const { team_id, principal, on_behalf_of, trace } = execution;
    this.ctx = { team: team_id, principal, on_behalf_of, roles: [], ...(trace && { trace }) };
    this.writer = { team: team_id, execution_id: execution.id, epoch: item.attempt };
  }

  /**
   * One transaction: journal rows, the execution's change, and whatever belongs to them.
   * @throws AppError `execution.fenced`, `execution.moved_on`
   */
  async commit<T = void>(
    entries: JournalEntry[],
    patch: ExecutionPatch = {},
    also?: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    const before = this.execution;
    try {
      return await this.database.inTeam(this.ctx, async (tx) => {
        this.execution = await this.journal.append(tx, this.writer, entries, patch);
        return (await also?.(tx)) as T;
      });
    } catch (error) {
      this.execution = before;
      throw error;
    }
  }

  read<T>(query: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.inTeam(this.ctx, query);
  }

  /** Whose it is, for whoever may be in its way. */
  get subject(): Omit<governance.KillSubject, 'tool'> {
    const { id: execution_id, team_id: team, agent_id, playbook } = this.execution;
    return { team, agent_id, playbook: playbook?.name ?? null, execution_id };
  }

  /** For what is under way: it is to stop, for whatever reason. */
  get halt(): AbortSignal {
    return AbortSignal.any([this.signals.lost, this.signals.stop]);
  }

  /** People want it to end: nothing new begins. */
  get isToEnd(): boolean {
    return this.execution.cancel_requested || this.execution.rollback_requested;
  }

  get isToPause(): boolean {
    return this.execution.pause_requested && !this.isToEnd;
  }

  /** Waits for the people who paused it. */
  get isPaused(): boolean {
    const { status, paused_reason } = this.execution;
    return status === 'paused' && paused_reason === 'person' && !this.isToEnd;
  }

  /** Pauses where that was asked for, at a boundary between actions; false when nobody asks for it any more. */
  async pauseHere(): Promise<boolean> {
    if (!this.isToPause) return false;
    return this.asItIs(async (tx) => {
      if (!this.isToPause) return false;
      const change = { paused_reason: 'person' as const, pause_requested: false };
      const isPaused = this.execution.status === 'paused';
      this.execution = await this.journal.append(
        tx,
        this.writer,
        [{ kind: 'execution.paused', body: { status: 'paused', paused_reason: 'person' } }],
        isPaused ? change : { ...change, status: 'paused' },
      );
      return true;
    });
  }

  /** Is to end from here on, by this request and with this failure; when its end was asked for before, by that. */
  cancelHere(request: JournalEntry, stopped: executor.FailureView): Promise<void> {
    return this.asItIs(async (tx) => {
      if (this.isToEnd) return;
      this.execution = await this.journal.append(tx, this.writer, [request], { cancel_requested: true, stopped });
    });
  }

  /** Work on the row locked and read again: what was asked may have been taken back, or asked for by somebody else. */
  private async asItIs<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const before = this.execution;
    try {
      return await this.database.inTeam(this.ctx, async (tx) => {
        this.execution = await this.journal.append(tx, this.writer, []);
        return work(tx);
      });
    } catch (error) {
      this.execution = before;
      throw error;
    }
  }

  /**
   * To be asked at every boundary: the lease is lost or the process stops, and the run goes on elsewhere or later.
   * @throws AppError `execution.interrupted`
   */
  assertMine(): void {
    if (this.signals.lost.aborted) throw interrupted();
  }
}
