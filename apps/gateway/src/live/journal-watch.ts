import { type CallContext, executor } from '#contracts';
import { type Bus, Loop } from '#messaging';
import { Logger } from '@nestjs/common';

const PAGE = 200;
const LOOK_AGAIN_MS = 1_000;

/** How far a journal is. */
export type JournalEnd = Pick<executor.JournalPage, 'last_seq' | 'completed'>;

/** Somebody who follows an execution. */
export interface JournalListener {
  readonly ctx: CallContext;
  /** A frame, live: some are lost, doubled or out of order. */
  hear(frame: executor.Frame): void;
  /** At least once a second. */
  told(end: JournalEnd): void;
  /** The look into the journal failed; the next one follows in a second. */
  failed(error: unknown): void;
}

const watches = new WeakMap<Bus, Map<string, JournalWatch>>();

/**
 * One execution as this process sees it: one subscription, and one look into the journal a second, because a live frame
 * may be lost and be the last. However many follow it, a frame is one object, so what is made of it is made once.
 */
export class JournalWatch {
  private readonly log = new Logger(JournalWatch.name);
  private readonly listeners = new Set<JournalListener>();
  private readonly asked = new Map<number, Promise<executor.JournalPage>>();
  private readonly loop = new Loop(
    () => this.look(),
    LOOK_AGAIN_MS,
    (error) => this.fail(error),
  );
  private unwatch: () => void = () => undefined;
  private newest = 0;

  private constructor(
    private readonly bus: Bus,
    private readonly team: string,
    private readonly executionId: string,
  ) {}

  /** Tells the listener from now on; whoever listens has been admitted to the execution. */
  static join(bus: Bus, executionId: string, listener: JournalListener): JournalWatch {
    const known = watches.get(bus) ?? new Map<string, JournalWatch>();
    watches.set(bus, known);
    const key = `${listener.ctx.team} ${executionId}`;
    const watch = known.get(key) ?? new JournalWatch(bus, listener.ctx.team, executionId);
    known.set(key, watch);
    watch.listeners.add(listener);
    if (watch.listeners.size === 1) watch.start();
    return watch;
  }

  leave(listener: JournalListener): void {
    if (!this.listeners.delete(listener) || this.listeners.size > 0) return;
    watches.get(this.bus)!.delete(`${this.team} ${this.executionId}`);
    this.unwatch();
    void this.loop.stop();
  }

  /** The frames after a number, as many as a page holds; who asks the same at the same time gets the same. */
  page(ctx: CallContext, after: number): Promise<executor.JournalPage> {
    const page = this.asked.get(after) ?? this.read(ctx, after, PAGE).finally(() => this.asked.delete(after));
    this.asked.set(after, page);
    return page;
  }

  private start(): void {
    this.unwatch = this.bus.watch(executor.journaled, [this.team, this.executionId], (frame) => this.hear(frame));
    this.loop.start();
  }

  private async look(): Promise<void> {
    const [first] = this.listeners;
    if (!first) return;
    const page = await this.read(first.ctx, this.newest, 1);
    for (const frame of page.items) this.hear(frame);
    this.each((listener) => listener.told(page));
  }

  private async read(ctx: CallContext, after: number, limit: number): Promise<executor.JournalPage> {
    const page = await this.bus.call(ctx, executor.journal.read, { execution_id: this.executionId, after, limit });
    this.newest = Math.max(this.newest, page.last_seq);
    return page;
  }

  private hear(frame: executor.Frame): void {
    this.newest = Math.max(this.newest, frame.seq);
    this.each((listener) => listener.hear(frame));
  }

  private fail(error: unknown): void {
    if (this.listeners.size === 0) return;
    this.log.warn({ err: error, execution_id: this.executionId });
    this.each((listener) => listener.failed(error));
  }

  /** Whoever is told may leave. */
  private each(tell: (listener: JournalListener) => void): void {
    for (const listener of [...this.listeners]) tell(listener);
  }
}
