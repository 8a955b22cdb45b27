import type { CallContext, executor } from '#contracts';
import { type Bus, Loop } from '#messaging';
import { untraced } from '#telemetry';
import { FrameQueue } from './frame-queue.rules.js';
import { type JournalEnd, type JournalListener, JournalWatch } from './journal-watch.js';

const READ_AGAIN_MS = 1_000;
/** A position behind every frame: follows for the end alone. PostgreSQL's largest integer. */
export const THE_END = 2_147_483_647;

/** Where a follower's frames go. */
export interface FrameSink {
  /** Takes the frame. False when it is full now; nothing more is sent until `drained`. */
  send(frame: executor.Frame): boolean;
  /** The run is over and everything has been sent. */
  ended(): void;
  /** A round failed; the next one follows in a second. */
  failed(error: unknown): void;
}

/**
 * Follows one execution for one reader: live frames as they come, the beginning, gaps and what a slow reader missed from
 * the journal. Holds no more than the queue does.
 */
export class JournalFollower implements JournalListener {
  readonly ctx: CallContext;
  private readonly queue: FrameQueue<executor.Frame>;
  private watch: JournalWatch | null = null;
  private readonly loop = new Loop(
    () => this.read(),
    READ_AGAIN_MS,
    (error) => this.failed(error),
  );
  /** Newest number there is, as far as is known; null before anything is. */
  private last: number | null = null;
  private completed = false;
  private full = false;
  private stopped = false;

  constructor(
    private readonly bus: Bus,
    ctx: CallContext,
    private readonly executionId: string,
    after: number,
    private readonly sink: FrameSink,
  ) {
    this.ctx = untraced(ctx);
    this.queue = new FrameQueue(after);
  }

  start(): void {
    this.watch = JournalWatch.join(this.bus, this.executionId, this);
    this.loop.start();
  }

  stop(): void {
    this.stopped = true;
    this.watch?.leave(this);
    void this.loop.stop();
  }

  /** Starts again after another frame. */
  resume(after: number): void {
    this.queue.rewind(after);
    this.settle();
  }

  /** The sink takes no more frames. */
  pause(): void {
    this.full = true;
    this.queue.clear();
  }

  /** The sink takes frames again; what it missed comes from the journal. */
  drained(): void {
    this.full = false;
    this.settle();
  }

  hear(frame: executor.Frame): void {
    if (this.stopped) return;
    this.learn(frame.seq, frame.type === 'completion');
    if (!this.full) {
      this.queue.offer(frame);
      this.deliver();
    }
    this.settle();
  }

  told({ last_seq, completed }: JournalEnd): void {
    if (this.stopped) return;
    this.learn(last_seq, completed);
    this.settle();
  }

  failed(error: unknown): void {
    if (!this.stopped) this.sink.failed(error);
  }

  /** A journal is completed when its newest frame is a completion: older news say nothing about it. */
  private learn(seq: number, completed: boolean): void {
    if (this.last !== null && seq < this.last) return;
    this.last = seq;
    this.completed = completed;
  }

  private get isBehind(): boolean {
    return this.last === null || this.queue.after < this.last;
  }

  private settle(): void {
    if (this.stopped || this.full) return;
    if (this.isBehind) this.loop.wake();
    else if (this.completed) this.end();
  }

  private deliver(): void {
    while (!this.full && !this.stopped) {
      const frame = this.queue.take();
      if (!frame) return;
      if (!this.sink.send(frame)) this.pause();
    }
  }

  private async read(): Promise<void> {
    while (!this.stopped && !this.full && this.isBehind) {
      const after = this.queue.after;
      const page = await this.watch!.page(this.ctx, after);
      if (this.stopped) return;
      this.learn(page.last_seq, page.completed);
      for (const frame of page.items) {
        this.queue.offer(frame);
        this.deliver();
      }
      if (this.queue.after === after) return; // nothing new to read yet: again in a second
    }
    this.settle();
  }

  private end(): void {
    this.stop();
    this.sink.ended();
  }
}
