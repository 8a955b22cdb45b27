import { isAppError } from '#kernel';
import { Loop } from '#messaging';
import { Database } from '#persistence';
import { ENV } from '#service';
import { inSpan, type SpanSpec, TrackedGauge } from '#telemetry';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Env } from '../env.js';
import { Journal } from '../journal/journal.js';
import { WORK_SOURCE, type WorkEnd, type WorkItem, type WorkSource } from '../work/work-source.js';
import { WorkSignal } from '../work/work.repository.js';
import { lockExecution } from './execution.lock.js';
import { ExecutionDrive } from './execution.drive.js';
import { Run, type RunSignals } from './run.js';

const SWEEP_MS = 1_000;
const HEARTBEATS_PER_LEASE = 5;
/** A drive that cannot keep its lease stops so many heartbeats before somebody else can begin. */
const MARGIN_HEARTBEATS = 2;
/** A run that fails for our own reasons is tried this often, ever slower, before it ends as failed. */
const MAX_FAILURES = 8;
const MAX_DELAY_MS = 30_000;
const LOCKED_RETRY_MS = 500;

const runningExecutions = new TrackedGauge(
  'spectrace_executor_running_executions',
  'Runs that this process drives at the moment.',
);

/** One stretch of a run, in the trace of what submitted it; what woke it later is linked. */
const driveSpan = ({ execution, item }: Run): SpanSpec => ({
  service: 'executor',
  name: 'execution drive',
  parent: execution.trace ?? undefined,
  begins: true,
  links: item.woken_by ? [item.woken_by] : [],
  attributes: {
    'spectrace.team': item.team,
    'spectrace.execution_id': item.execution_id,
    'spectrace.execution.attempt': item.attempt,
  },
});

interface Driven {
  item: WorkItem;
  lost: AbortController;
  stop: AbortController;
  ended: Promise<void>;
  /** Stops the drive when the source has not been heard of for too long. */
  expiry: NodeJS.Timeout;
}

/** Claims work and drives it, a bounded number of runs at a time. */
@Injectable()
export class ExecutionWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ExecutionWorker.name);
  private readonly driven = new Map<string, Driven>();
  private readonly claims = new Loop(
    () => this.claim(),
    SWEEP_MS,
    (error) => this.log.warn({ err: error }),
  );
  private untrack: () => void = () => undefined;
  private readonly heartbeatMs: number;
  private readonly heartbeats: Loop;

  constructor(
    @Inject(WORK_SOURCE) private readonly source: WorkSource,
    private readonly runner: ExecutionDrive,
    private readonly database: Database,
    private readonly journal: Journal,
    private readonly signal: WorkSignal,
    @Inject(ENV) private readonly env: Env,
  ) {
    this.heartbeatMs = source.leaseMs / HEARTBEATS_PER_LEASE;
    this.heartbeats = new Loop(
      () => this.heartbeat(),
      this.heartbeatMs,
      (error) => this.log.warn({ err: error }),
    );
  }

  onApplicationBootstrap(): void {
    this.signal.listen(() => this.claims.wake());
    this.signal.listen(() => this.heartbeats.wake());
    this.untrack = runningExecutions.track(() => [{ labels: {}, value: this.driven.size }]);
    this.claims.start();
    this.heartbeats.start();
  }

  /** Runs stop at their next boundary and go on in another process, or in this one's successor. */
  async onApplicationShutdown(): Promise<void> {
    this.untrack();
    await this.claims.stop();
    for (const { lost } of this.driven.values()) lost.abort();
    await Promise.all([...this.driven.values()].map((driven) => driven.ended));
    await this.heartbeats.stop();
  }

  private async claim(): Promise<void> {
    const free = this.env.EXECUTOR_SLOTS - this.driven.size;
    if (free <= 0) return;
    for (const item of await this.source.claim(free)) {
      const [lost, stop] = [new AbortController(), new AbortController()];
      const expiry = setTimeout(() => lost.abort(), this.source.leaseMs - MARGIN_HEARTBEATS * this.heartbeatMs);
      const ended = this.after(item, { lost: lost.signal, stop: stop.signal });
      const driven: Driven = { item, lost, stop, ended, expiry };
      this.driven.set(item.execution_id, driven);
      void driven.ended.then(() => {
        clearTimeout(expiry);
        if (this.driven.get(item.execution_id) === driven) this.driven.delete(item.execution_id);
        this.claims.wake();
      });
    }
  }

  /** A process that lost a lease may claim the same run again: one drive of it stops before the next begins. */
  private async after(item: WorkItem, signals: RunSignals): Promise<void> {
    const earlier = this.driven.get(item.execution_id);
    earlier?.lost.abort();
    await earlier?.ended;
    await this.drive(item, signals).catch((error: unknown) => this.log.error({ err: error }));
  }

  private async drive(item: WorkItem, signals: RunSignals): Promise<void> {
    let end: WorkEnd;
    try {
      const run = await this.take(item, signals);
      end = await inSpan(driveSpan(run), () => this.driveIfFree(run));
    } catch (error) {
      // Fenced off, or nothing can be written now: whoever has the lease next goes on.
      this.log.warn({ err: error, execution_id: item.execution_id });
      return;
    }
    await this.source.finish(item, end);
  }

  private async driveIfFree(run: Run): Promise<WorkEnd> {
    await using lock = await lockExecution(run.item.execution_id);
    return lock ? await this.driveAlone(run) : this.comeBack(run.item);
  }

  private driveAlone(run: Run): Promise<WorkEnd> {
    const { last_seq } = run.execution;
    return this.runner.drive(run).catch((error: unknown) => {
      const cameForward = run.execution.last_seq > last_seq;
      return this.failed(run, cameForward ? 0 : run.item.failures, error);
    });
  }

  /** A process that lost its lease is still there: once it runs again it lets go by itself, once it is ended the kernel does. */
  private comeBack({ execution_id, failures }: WorkItem): WorkEnd {
    this.log.warn({ execution_id, what: 'another process has not let go of this run' });
    return { kind: 'again', delay_ms: LOCKED_RETRY_MS, failures };
  }

  /** Transient trouble (a service, the database, NATS away) is retried ever slower; the rest ends the run as failed. */
  private async failed(run: Run, failures: number, error: unknown): Promise<WorkEnd> {
    if (isAppError(error) && error.code === 'execution.fenced') throw error;
    if (isAppError(error) && error.code === 'execution.interrupted') return { kind: 'again', delay_ms: 0, failures };
    this.log.error({ err: error, execution_id: run.execution.id });
    const transient = isAppError(error) && error.retryable;
    if (transient || failures < MAX_FAILURES) {
      return { kind: 'again', delay_ms: Math.min(200 * 2 ** failures, MAX_DELAY_MS), failures: failures + 1 };
    }
    const failure = {
      code: 'execution.engine_failed',
      message: 'The engine could not drive this run; its log says why.',
    };
    return this.runner.abandon(await this.take(run.item, run.signals), failure);
  }

  /** The claimed run; claims before this one are fenced off from here on. */
  private async take(item: WorkItem, signals: RunSignals): Promise<Run> {
    const { execution_id, team, attempt: epoch } = item;
    const execution = await this.database.inTeam(item, (tx) => this.journal.take(tx, { team, execution_id, epoch }));
    return new Run(this.database, this.journal, execution, item, signals);
  }

  /** Keeps the leases, stops what was lost to another worker, and tells running tools that their run is to end. */
  private async heartbeat(): Promise<void> {
    const driven = [...this.driven.values()];
    if (driven.length === 0) return;
    const asked = performance.now();
    const gone = new Set(await this.source.heartbeat(driven.map(({ item }) => item)));
    const isFresh = performance.now() - asked < this.heartbeatMs;
    for (const { item, lost, expiry } of driven) {
      if (gone.has(item)) lost.abort();
      else if (isFresh) expiry.refresh();
    }
    const ids = driven.map(({ item }) => item.execution_id);
    const stopped: { id: string }[] = await this.database.acrossTeams('which runs are to end', (tx) =>
      tx.query(`SELECT id FROM execution WHERE id = ANY($1) AND (cancel_requested OR rollback_requested)`, [ids]),
    );
    for (const { id } of stopped) this.driven.get(id)?.stop.abort();
  }
}
