import { outsideSpans } from '#telemetry';

/**
 * Runs `work` again and again: at once when woken, after `idleMs` otherwise, never twice at a time. After a failure it
 * rests for `idleMs` whoever wakes it: what is down is not asked faster because many want it.
 */
export class Loop {
  private running: Promise<void> | null = null;
  private stopped = true;
  private woken = false;
  private failed = false;
  private endSleep: () => void = () => undefined;

  constructor(
    private readonly work: () => Promise<void>,
    private readonly idleMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.stopped = false;
    this.running ??= outsideSpans(() => this.run());
  }

  wake(): void {
    this.woken = true;
    if (!this.failed) this.endSleep();
  }

  /** Resolves when the round under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.endSleep();
    await this.running;
    this.running = null;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.woken = false;
      this.failed = false;
      await this.work().catch((error: unknown) => {
        this.failed = true;
        this.onError(error);
      });
      if ((this.failed || !this.woken) && !this.stopped) await this.sleep();
    }
  }

  private sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.idleMs);
      this.endSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
