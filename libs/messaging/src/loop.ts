/** Runs `work` again and again: at once when woken, after `idleMs` otherwise, never twice at a time. */
export class Loop {
  private running: Promise<void> | null = null;
  private stopped = true;
  private woken = false;
  private endSleep: () => void = () => undefined;

  constructor(
    private readonly work: () => Promise<void>,
    private readonly idleMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.stopped = false;
    this.running ??= this.run();
  }

  wake(): void {
    this.woken = true;
    this.endSleep();
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
      await this.work().catch(this.onError);
      if (!this.woken && !this.stopped) await this.sleep();
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
