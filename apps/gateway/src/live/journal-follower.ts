import { type CallContext, executor } from '#contracts';
import { type Bus, Loop } from '#messaging';
import { FrameQueue } from './frame-queue.rules.js';

const PAGE = 200;
const READ_AGAIN_MS = 1_000;
/** A position behind every frame: follows for the end alone. PostgreSQL's largest integer. */
export const THE_END = 2_147_483_647;

/** Where a follower's frames go. */
export interface FrameSink {
  /** False when it is full; nothing more is sent until `drained`. */
  send(frame: executor.Frame): boolean;
  /** The run is over and everything has been sent. */
  ended(): void;
  /** A round failed; the next one follows in a second. */
  failed(error: unknown): void;
  /** Asked before every round; throwing skips it. */
  admitted?(): Promise<void>;
}

/**
 * Follows one execution: live frames as they come, gaps and the beginning from the journal, and a look into the journal
 * every second, because a live frame may be lost and be the last. Holds no more than the queue does.
 */
export class JournalFollower {
  private readonly queue: FrameQueue<executor.Frame>;
  private readonly loop = new Loop(
    () => this.read(),
    READ_AGAIN_MS,
    (error) => !this.stopped && this.sink.failed(error),
  );
  private unwatch: () => void = () => undefined;
  private full = false;
  private stopped = false;

  constructor(
    private readonly bus: Bus,
    private readonly ctx: CallContext,
    private readonly executionId: string,
    after: number,
    private readonly sink: FrameSink,
  ) {
    this.queue = new FrameQueue(after);
  }

  start(): void {
    this.unwatch = this.bus.watch(executor.journaled, [this.ctx.team, this.executionId], (frame) => this.hear(frame));
    this.loop.start();
  }

  stop(): void {
    this.stopped = true;
    this.unwatch();
    void this.loop.stop();
  }

  /** Starts again after another frame. */
  resume(after: number): void {
    this.queue.rewind(after);
    this.loop.wake();
  }

  /** The sink takes frames again; what it missed comes from the journal. */
  drained(): void {
    this.full = false;
    this.loop.wake();
  }

  private hear(frame: executor.Frame): void {
    if (this.stopped) return;
    if (!this.full) {
      this.queue.offer(frame);
      this.deliver();
    }
    if (this.queue.hasGap || frame.type === 'completion') this.loop.wake();
  }

  private deliver(): void {
    while (!this.full && !this.stopped) {
      const frame = this.queue.take();
      if (!frame) return;
      if (this.sink.send(frame)) continue;
      this.full = true;
      this.queue.clear();
    }
  }

  private async read(): Promise<void> {
    await this.sink.admitted?.();
    for (;;) {
      if (this.stopped || this.full) return;
      const after = this.queue.after;
      const page = await this.bus.call(this.ctx, executor.journal.read, {
        execution_id: this.executionId,
        after,
        limit: PAGE,
      });
      if (this.stopped) return;
      for (const frame of page.items) {
        this.queue.offer(frame);
        this.deliver();
      }
      if (page.completed && this.queue.after >= page.last_seq && !this.full) return this.end();
      if (page.items.length < PAGE || this.queue.after === after) return;
    }
  }

  private end(): void {
    this.stop();
    this.sink.ended();
  }
}
