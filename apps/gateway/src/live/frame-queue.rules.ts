/** Frames that came before their turn and are kept; what is beyond stays in the journal. */
const MAX_EARLY = 256;

/**
 * Puts numbered frames from two sources, a live view that may lose and shuffle and a journal that does not, into one
 * sequence: `take` gives every number after the start exactly once and in order, until `rewind`.
 */
export class FrameQueue<F extends { seq: number }> {
  private readonly early = new Map<number, F>();

  /** @param taken number of the frame that counts as taken already, 0 for none */
  constructor(private taken: number) {}

  /** The last number taken. */
  get after(): number {
    return this.taken;
  }

  /** True when the next frame is missing although a later one is here. */
  get hasGap(): boolean {
    return this.early.size > 0 && !this.early.has(this.taken + 1);
  }

  offer(frame: F): void {
    const isNext = frame.seq === this.taken + 1;
    if (frame.seq > this.taken && (isNext || this.early.size < MAX_EARLY)) this.early.set(frame.seq, frame);
  }

  /** The frame whose turn it is, or undefined. */
  take(): F | undefined {
    const next = this.early.get(this.taken + 1);
    if (!next) return undefined;
    this.early.delete(next.seq);
    this.taken = next.seq;
    return next;
  }

  /** Forgets what waits; it has to be offered again. */
  clear(): void {
    this.early.clear();
  }

  /** Starts again after another number. */
  rewind(after: number): void {
    this.clear();
    this.taken = after;
  }
}
