import type { CallContext } from '#contracts';
import { Bus } from '#messaging';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { JournalFollower, THE_END } from '../live/journal-follower.js';

export const LONGEST_WAIT_MS = 290_000;

/** Waits for runs to end on behalf of requests that asked to. */
@Injectable()
export class ExecutionWaiter implements OnModuleDestroy {
  private readonly log = new Logger(ExecutionWaiter.name);
  private readonly stopping = new AbortController();
  protected readonly longestMs: number = LONGEST_WAIT_MS;

  constructor(private readonly bus: Bus) {}

  /** True once the run has ended; false after 290 s, when the caller has gone, or when this process stops. */
  ended(ctx: CallContext, executionId: string, response: ServerResponse): Promise<boolean> {
    return new Promise((resolve) => {
      const follower = new JournalFollower(this.bus, ctx, executionId, THE_END, {
        send: () => true,
        ended: () => finish(true),
        failed: (error) => this.log.warn({ err: error, execution_id: executionId }),
      });
      const giveUp = (): void => finish(false);
      const timer = setTimeout(giveUp, this.longestMs);
      const finish = (ended: boolean): void => {
        clearTimeout(timer);
        follower.stop();
        response.off('close', giveUp);
        this.stopping.signal.removeEventListener('abort', giveUp);
        resolve(ended);
      };
      response.once('close', giveUp);
      this.stopping.signal.addEventListener('abort', giveUp, { once: true });
      if (this.stopping.signal.aborted) return giveUp();
      follower.start();
    });
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }
}
