import { setImmediate } from 'node:timers/promises';

/** How long synchronous work may hold the event loop before it lets others run. */
const sliceMs = 8;

/** Cuts a long run of short system calls into slices: synchronous calls are several times cheaper than awaited ones. */
export class Pace {
  private sliceEnd = performance.now() + sliceMs;
  private resting: Promise<void> | undefined;

  due(): boolean {
    return performance.now() >= this.sliceEnd;
  }

  /** Everybody who waits goes on in the same slice. */
  rest(): Promise<void> {
    this.resting ??= setImmediate().then(() => {
      this.resting = undefined;
      this.sliceEnd = performance.now() + sliceMs;
    });
    return this.resting;
  }
}
