export const MAX_RETRIES = 3;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** A server that asks for more patience than this gets its refusal passed on. */
const LONGEST_RETRY_AFTER_MS = 60_000;
const WORTH_REPEATING: readonly number[] = [429, 502, 503, 504];

/** How long to wait before attempt `n + 1` (n from 1), in ms: exponential with full jitter, `jitter` in 0..1. */
export const backOffMs = (n: number, jitter: number): number =>
  Math.round(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (n - 1)) * jitter);

export interface FailedAttempt {
  /** From 1. */
  attempt: number;
  /** Whether a second arrival of the request would change nothing more. */
  repeatable: boolean;
  /** Null when there was no answer. */
  status: number | null;
  /** What the server asked for, in ms. */
  retryAfterMs: number | null;
  /** 0..1. */
  jitter: number;
}

/** Milliseconds until the next attempt; null when there must not be one. */
export const retryInMs = ({ attempt, repeatable, status, retryAfterMs, jitter }: FailedAttempt): number | null => {
  if (!repeatable || attempt > MAX_RETRIES) return null;
  if (status !== null && !WORTH_REPEATING.includes(status)) return null;
  const pause = backOffMs(attempt, jitter);
  if (retryAfterMs === null) return pause;
  return retryAfterMs > LONGEST_RETRY_AFTER_MS ? null : retryAfterMs + pause;
};

/** A Retry-After header (RFC 9110: seconds or an HTTP date) in ms from `nowMs`; null when there is none to read. */
export const retryAfterOf = (
  header: string | null | undefined,
  dateMs: (text: string) => number,
  nowMs: number,
): number | null => {
  if (!header) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = dateMs(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
};
