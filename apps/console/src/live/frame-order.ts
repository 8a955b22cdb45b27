/**
 * Keeps the frames of one execution in order over any number of connections: tells the next one from one that was seen
 * and from proof that one is missing. The journal's own gap-free sequence is the only truth.
 */
export class FrameOrder {
  constructor(private taken: number) {}

  /** The last number taken: where to resume from. */
  get after(): number {
    return this.taken;
  }

  take(seq: number): 'next' | 'seen' | 'gap' {
    if (seq <= this.taken) return 'seen';
    if (seq > this.taken + 1) return 'gap';
    this.taken = seq;
    return 'next';
  }
}
