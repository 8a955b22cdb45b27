import type { Page, Step } from '#client/browser';
import type { TraceStore } from './trace-store.js';

/** Steps of one block: what is in sight is read block by block. */
export const BLOCK = 100;
const WHOLE_PAGE = 500;
const SETTLED_MS = 60;

type ReadSteps = (after: number, limit: number) => Promise<Page<Step>>;

/**
 * Reads the steps that are in sight, a block at a time and one after the other, the newest wish first: what was scrolled
 * past before its turn came is not read.
 */
export class StepReader {
  private wanted: number[] = [];
  private reading = false;
  private closed = false;
  /** Why the last block could not be read; null while all is well. */
  problem: unknown = null;

  constructor(
    private readonly store: TraceStore,
    private readonly read: ReadSteps,
    private readonly wait: (ms: number) => Promise<void>,
  ) {}

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.closed = false;
  }

  /** Steps from the first to the last are in sight. */
  want(first: number, last: number): void {
    const blocks = new Set([blockOf(first), blockOf(last)]);
    this.wanted = [...blocks].filter((block) => this.isMissing(block));
    if (this.wanted.length > 0 && !this.problem) void this.work();
  }

  retry(): void {
    this.problem = null;
    void this.work();
  }

  /** Reads every step there is; `until` true stops. Throws what a read throws. */
  async readAll(until: () => boolean): Promise<void> {
    for (let number = 1; number <= this.store.count && !until() && !this.closed; number += 1) {
      if (this.store.step(number)) continue;
      const { items } = await this.read(number - 1, WHOLE_PAGE);
      if (items.length === 0) return;
      this.store.put(items);
    }
  }

  private isMissing(block: number): boolean {
    const last = Math.min(this.store.count, (block + 1) * BLOCK);
    for (let number = block * BLOCK + 1; number <= last; number += 1) if (!this.store.step(number)) return true;
    return false;
  }

  private async work(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      await this.wait(SETTLED_MS);
      for (let block = this.wanted.shift(); block !== undefined; block = this.wanted.shift()) {
        if (this.closed) return;
        if (this.isMissing(block)) await this.readBlock(block);
      }
    } catch (error) {
      this.problem = error;
      this.store.put([]);
    } finally {
      this.reading = false;
    }
  }

  /** A page may be shorter than asked for. */
  private async readBlock(block: number): Promise<void> {
    const end = (block + 1) * BLOCK;
    for (let after = block * BLOCK; after < end && !this.closed;) {
      const { items } = await this.read(after, end - after);
      if (items.length === 0) return;
      this.store.put(items);
      after = items.at(-1)!.step;
    }
  }
}

const blockOf = (step: number): number => Math.floor((Math.max(1, step) - 1) / BLOCK);
