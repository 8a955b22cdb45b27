/** One change comes as several hints; they are waited for. */
const BURST_MS = 80;
/** However many runs are under way, a tab reads its lists no more often: all tabs of a person share one limit. */
const PACE_MS = 2_000;
/** Nobody looks; the count in the title still goes on. */
const HIDDEN_PACE_MS = 20_000;

/** In how many ms to read what hints made stale. `sinceMs`: since the last time, Infinity for never. */
export const dueInMs = (sinceMs: number, hidden: boolean): number =>
  Math.max(BURST_MS, (hidden ? HIDDEN_PACE_MS : PACE_MS) - sinceMs);
