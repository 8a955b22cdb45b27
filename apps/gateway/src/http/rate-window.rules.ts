export interface Quota {
  /** Calls per window. */
  calls: number;
  windowMs: number;
}

export interface Allowance {
  allowed: boolean;
  remaining: number;
  /** Until the window ends. */
  resetMs: number;
}

interface Window {
  startMs: number;
  count: number;
}

const MAX_KEYS = 10_000;

/**
 * Counts calls per key in fixed windows, in this process's memory; times are any monotonic milliseconds. Holds at most
 * 10,000 keys: beyond that ended windows go first, then the oldest.
 */
export class RateWindow {
  private readonly windows = new Map<string, Window>();

  constructor(readonly quota: Quota) {}

  take(key: string, nowMs: number): Allowance {
    const window = this.current(key, nowMs);
    const allowed = window.count < this.quota.calls;
    if (allowed) window.count += 1;
    return {
      allowed,
      remaining: this.quota.calls - window.count,
      resetMs: Math.max(0, window.startMs + this.quota.windowMs - nowMs),
    };
  }

  forget(key: string): void {
    this.windows.delete(key);
  }

  private current(key: string, nowMs: number): Window {
    const known = this.windows.get(key);
    if (known && nowMs < known.startMs + this.quota.windowMs) return known;
    this.windows.delete(key);
    if (this.windows.size >= MAX_KEYS) this.makeRoom(nowMs);
    const fresh = { startMs: nowMs, count: 0 };
    this.windows.set(key, fresh);
    return fresh;
  }

  /** Windows stand in the order of their start, because a new one is always appended. */
  private makeRoom(nowMs: number): void {
    for (const [key, window] of this.windows) {
      const ended = nowMs >= window.startMs + this.quota.windowMs;
      if (!ended && this.windows.size < MAX_KEYS) return;
      this.windows.delete(key);
    }
  }
}
