import { RateWindow } from '../http/rate-window.rules.js';

const MESSAGES = { calls: 50, windowMs: 10_000 };

/** What one client may say: 50 messages in 10 seconds. */
export class MessageQuota {
  private readonly window = new RateWindow(MESSAGES);

  /** False: too many. */
  take(): boolean {
    return this.window.take('', performance.now()).allowed;
  }
}
