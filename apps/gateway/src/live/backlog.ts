/** Bytes that may wait for a slow reader before frames stop, and how few are left when they go on. */
export const FULL_BYTES = 1_048_576;
const EMPTY_BYTES = 262_144;

interface BacklogEvents {
  /** It takes more again. */
  drained(): void;
  /** Nothing was let in for the whole of the patience. */
  stuck(): void;
}

/** What waits for one reader: nothing is added to it while it is full, so it is bounded. */
export class Backlog {
  private timer: NodeJS.Timeout | null = null;

  /**
   * @param bytes that wait now
   * @param patienceMs how long it may stay full
   */
  constructor(
    readonly bytes: () => number,
    private readonly patienceMs: number,
    private readonly on: BacklogEvents,
  ) {}

  get isFull(): boolean {
    return this.timer !== null;
  }

  /** After something was added: true while there is room for more. */
  hasRoom(): boolean {
    if (!this.isFull && this.bytes() > FULL_BYTES) this.timer = setTimeout(() => this.on.stuck(), this.patienceMs);
    return !this.isFull;
  }

  /** After something went out. */
  flushed(): void {
    if (!this.isFull || this.bytes() > EMPTY_BYTES) return;
    this.stop();
    this.on.drained();
  }

  /** Nobody waits any more. */
  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
