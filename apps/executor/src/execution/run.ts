import type { CallContext } from '#contracts';
import { AppError } from '#kernel';
import type { Database, Tx } from '#persistence';
import type { WorkspaceRoot } from '#snapshots';
import type { JournalEntry } from '../journal/journal.entry.js';
import type { ExecutionPatch, Journal, Writer } from '../journal/journal.js';
import type { WorkItem } from '../work/work-source.js';
import type { Execution } from './execution.entity.js';

/** Why a tool under way is stopped: the run itself is to end. Any other reason means that it goes on later. */
export const CANCELLED = 'cancelled';

const interrupted = (): AppError =>
  new AppError('execution.interrupted', 'The run stops here and goes on with another claim.', { retryable: true });

/** One claim of one execution: who it acts for, under which attempt number, and the row as last seen. */
export class Run {
  readonly ctx: CallContext;
  readonly writer: Writer;
  /** Set once the run may touch its workspace. */
  root: WorkspaceRoot | null = null;

  constructor(
    private readonly database: Database,
    private readonly journal: Journal,
    public execution: Execution,
    readonly item: WorkItem,
    /** Aborted when the run is cancelled, its lease is lost or the process stops. */
    readonly signal: AbortSignal,
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

  get cancelled(): boolean {
    return this.execution.cancel_requested;
  }

  /**
   * To be asked at every boundary: the lease is lost or the process stops, and the run goes on elsewhere or later.
   * @throws AppError `execution.interrupted`
   */
  assertMine(): void {
    if (this.signal.aborted && this.signal.reason !== CANCELLED) throw interrupted();
  }
}
