import { describe, expect, it } from '@jest/globals';
import { backOffMs, type FailedAttempt, retryAfterOf, retryInMs } from './retry.rules.js';

const failed: FailedAttempt = { attempt: 1, repeatable: true, status: 503, retryAfterMs: null, jitter: 1 };

describe('after a failed attempt', () => {
  it.each<[string, Partial<FailedAttempt>, number | null]>([
    ['the first pause is at most 200 ms', {}, 200],
    ['the second 400 ms', { attempt: 2 }, 400],
    ['the third 800 ms', { attempt: 3 }, 800],
    ['there is no fourth', { attempt: 4 }, null],
    ['jitter shortens it', { attempt: 3, jitter: 0.25 }, 200],
    ['no answer at all is worth another try', { status: null }, 200],
    ['too many requests', { status: 429, retryAfterMs: 2_000 }, 2_200],
    ['Retry-After is waited for', { retryAfterMs: 30_000, jitter: 0 }, 30_000],
    ['but not for more than a minute', { retryAfterMs: 61_000 }, null],
    ['a request that may not arrive twice is not repeated', { repeatable: false, status: null }, null],
    ['not even when told when', { repeatable: false, status: 429, retryAfterMs: 1_000 }, null],
    ['a refusal stays one', { status: 400 }, null],
    ['a conflict stays one', { status: 409 }, null],
    ['a bug stays one', { status: 500 }, null],
    ['bad gateway', { status: 502 }, 200],
    ['gateway timeout', { status: 504 }, 200],
  ])('%s', (_name, given, waitMs) => {
    expect(retryInMs({ ...failed, ...given })).toBe(waitMs);
  });

  it('no pause is longer than 5 s', () => {
    expect(backOffMs(40, 1)).toBe(5_000);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  it.each([
    ['3', 3_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 12:00:05 GMT', 5_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('%j', (header, ms) => {
    expect(retryAfterOf(header, Date.parse, now)).toBe(ms);
  });
});
