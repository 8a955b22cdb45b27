import { Injectable } from '@nestjs/common';

/**
 * Counts what this process has changed about who may do what. What was read while the count was another one is out of
 * date; so it is taken before the reading begins, and a change counts once it is committed.
 */
@Injectable()
export class AccessChanges {
  private made = 0;

  get count(): number {
    return this.made;
  }

  /** A change has been committed. */
  note(): void {
    this.made += 1;
  }

  /** Runs a change that commits, and notes it however it ends: a commit may have worked although its answer was lost. */
  async during<T>(change: () => Promise<T>): Promise<T> {
    try {
      return await change();
    } finally {
      this.note();
    }
  }
}
