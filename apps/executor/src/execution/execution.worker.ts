import { isAppError } from '#kernel';
import { Loop } from '#messaging';
import { Database } from '#persistence';
import { ENV } from '#service';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Env } from '../env.js';
import { Journal } from '../journal/journal.js';
import { WORK_SOURCE, type WorkEnd, type WorkItem, type WorkSource } from '../work/work-source.js';
import { WorkSignal } from '../work/work.repository.js';
import { Execution } from './execution.entity.js';
import { ExecutionRunner } from './execution.runner.js';
import { CANCELLED, Run } from './run.js';

const SWEEP_MS = 1_000;
const HEARTBEAT_MS = 3_000;
/** A run that fails for our own reasons is tried this often, ever slower, before it ends as failed. */
const MAX_FAILURES = 8;
const MAX_DELAY_MS = 30_000;

interface Driven {
  item: WorkItem;
  abort: AbortController;
  ended: Promise<void>;
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
  private readonly heartbeats = new Loop(
    () => this.heartbeat(),
    HEARTBEAT_MS,
    (error) => this.log.warn({ err: error }),
  );

  constructor(
    @Inject(WORK_SOURCE) private readonly source: WorkSource,
    private readonly runner: ExecutionRunner,
    private readonly database: Database,
    private readonly journal: Journal,
    private readonly signal: WorkSignal,
    @Inject(ENV) private readonly env: Env,
  ) {}

  onApplicationBootstrap(): void {
    this.signal.listen(() => this.claims.wake());
    this.signal.listen(() => this.heartbeats.wake());
    this.claims.start();
    this.heartbeats.start();
  }

  /** Runs stop at their next boundary and go on in another process, or in this one's successor. */
  async onApplicationShutdown(): Promise<void> {
    await this.claims.stop();
    for (const { abort } of this.driven.values()) abort.abort();
    await Promise.all([...this.driven.values()].map((driven) => driven.ended));
    await this.heartbeats.stop();
  }

  private async claim(): Promise<void> {
    const free = this.env.EXECUTOR_SLOTS - this.driven.size;
    if (free <= 0) return;
    for (const item of await this.source.claim(free)) {
      const abort = new AbortController();
      const ended = this.drive(item, abort.signal).finally(() => {
        this.driven.delete(item.execution_id);
        this.claims.wake();
      });
      this.driven.set(item.execution_id, { item, abort, ended });
    }
  }

  private async drive(item: WorkItem, signal: AbortSignal): Promise<void> {
    let end: WorkEnd;
    try {
      end = await this.runner.drive(await this.load(item, signal));
    } catch (error) {
      const code = isAppError(error) ? error.code : '';
      if (code === 'execution.fenced') return;
      if (code !== 'execution.interrupted') this.log.error({ err: error, execution_id: item.execution_id });
      end = await this.failed(item, error);
    }
    await this.source.finish(item, end).catch((error: unknown) => this.log.warn({ err: error }));
  }

  /** Transient trouble (a service, the database, NATS away) is retried ever slower; the rest ends the run as failed. */
  private async failed(item: WorkItem, error: unknown): Promise<WorkEnd> {
    if (isAppError(error) && error.code === 'execution.interrupted')
      return { kind: 'again', delay_ms: 0, failed: false };
    const transient = isAppError(error) && error.retryable;
    if (transient || item.failures < MAX_FAILURES) {
      return { kind: 'again', delay_ms: Math.min(200 * 2 ** item.failures, MAX_DELAY_MS), failed: true };
    }
    const failure = {
      code: 'execution.engine_failed',
      message: 'The engine could not drive this run; its log says why.',
    };
    return this.runner.abandon(await this.load(item), failure);
  }

  private async load(item: WorkItem, signal = new AbortController().signal): Promise<Run> {
    const execution = await this.database.inTeam(item, (tx) =>
      tx.findOneByOrFail(Execution, { id: item.execution_id }),
    );
    return new Run(this.database, this.journal, execution, item, signal);
  }

  /** Keeps the leases, stops what was lost to another worker, and tells running tools of a cancel. */
  private async heartbeat(): Promise<void> {
    const driven = [...this.driven.values()];
    const lost = await this.source.heartbeat(driven.map(({ item }) => item));
    for (const item of lost) this.driven.get(item.execution_id)?.abort.abort();
    if (driven.length === 0) return;
    const ids = driven.map(({ item }) => item.execution_id);
    const cancelled: { id: string }[] = await this.database.acrossTeams('which runs are to end', (tx) =>
      tx.query(`SELECT id FROM execution WHERE id = ANY($1) AND cancel_requested`, [ids]),
    );
    for (const { id } of cancelled) this.driven.get(id)?.abort.abort(CANCELLED);
  }
}
